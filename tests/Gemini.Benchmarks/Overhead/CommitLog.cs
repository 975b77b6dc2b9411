using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.Overhead;

/// <summary>When a watcher first saw each iteration trained and committed.</summary>
internal sealed class CommitLog
{
    private readonly Dictionary<long, TimeSpan> _trained = [];
    private readonly SortedDictionary<long, TimeSpan> _committed = [];

    /// <summary>Notes a status.</summary>
    /// <param name="trained">The newest iteration that all ranks have finished.</param>
    /// <param name="committed">The newest one that is committed.</param>
    /// <param name="at">When this was received.</param>
    public void Note(Iteration trained, Iteration committed, TimeSpan at)
    {
        _trained.TryAdd(trained.Value, at);
        _committed.TryAdd(committed.Value, at);
    }

    /// <summary>The share of the iterations after the first commit in the time that were committed. 0 without a second commit.</summary>
    /// <param name="from">The time's begin.</param>
    /// <param name="to">Its end.</param>
    public double CommitsPerIteration(TimeSpan from, TimeSpan to)
    {
        var seen = _committed.Where(commit => commit.Value >= from && commit.Value <= to).Select(commit => commit.Key).ToArray();
        return seen.Length < 2 ? 0 : (seen.Length - 1) / (double)(seen[^1] - seen[0]);
    }

    /// <summary>The median time from the end of an iteration to its commit, in milliseconds. 0 without a commit whose iteration's end was seen.</summary>
    /// <param name="from">The begin of the time in which the commits were seen.</param>
    /// <param name="to">Its end.</param>
    public double MedianLag(TimeSpan from, TimeSpan to)
    {
        var lags = _committed
            .Where(commit => commit.Value >= from && commit.Value <= to && _trained.ContainsKey(commit.Key))
            .Select(commit => (commit.Value - _trained[commit.Key]).TotalMilliseconds)
            .ToArray();
        return lags.Length == 0 ? 0 : Median.Of(lags);
    }
}
