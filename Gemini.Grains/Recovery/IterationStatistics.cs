using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// The numbers about pace in the status: the median iteration, how far commits are behind, how often ranks save, and how far ranks are apart. Pure.
/// </summary>
internal sealed class IterationStatistics
{
    /// <summary>Iterations in the median: enough for a steady median, and few enough to follow a change within minutes.</summary>
    private const int Window = 512;

    /// <summary>
    /// How many intervals between saves are kept. A report may come after several captures, so an interval may seem too long. The smallest of
    /// this many is exact.
    /// </summary>
    private const int SaveWindow = 16;

    private readonly Queue<double> _milliseconds = [];
    private readonly Queue<long> _saveIntervals = [];
    private readonly Dictionary<(HostName Host, int LocalIndex), RankPace> _ranks = [];
    private double? _median;
    private Iteration _newest;
    private Epoch _epoch;

    /// <summary>The greatest distance from the committed iteration to a trained one, in iterations, since the first commit.</summary>
    public long CommittedLagMax { get; private set; }

    /// <summary>Iterations from one save of a rank to its next; 0 while it is not known.</summary>
    public long SaveInterval => _saveIntervals.Count > 0 ? _saveIntervals.Min() : 0;

    /// <summary>
    /// How many iterations a rank was behind the newest iteration that any rank had reported before this rank reported; the greatest value of all
    /// ranks. Later reports of other ranks are left out. So ranks that run in step are never apart, however old their reports are.
    /// </summary>
    public long RanksApart => _ranks.Count > 0 ? _ranks.Values.Max(rank => rank.Behind) : 0;

    public double MillisecondsMedian
    {
        get
        {
            if (_median is { } known) return known;
            if (_milliseconds.Count == 0) return 0;
            _median = Median.Of(_milliseconds);
            return _median.Value;
        }
    }

    public void Observe(HostReport report, Epoch epoch, Iteration committed)
    {
        if (epoch != _epoch)
        {
            _ranks.Clear();
            (_epoch, _newest) = (epoch, default);
        }

        foreach (var trainer in report.Trainers.Where(trainer => trainer.Epoch == epoch)) Observe(report.Host, trainer, committed);
    }

    private void Observe(HostName host, TrainerReport trainer, Iteration committed)
    {
        if (committed > Iteration.Zero) CommittedLagMax = Math.Max(CommittedLagMax, trainer.Iteration.Value - committed.Value);
        ObserveRank((host, trainer.LocalIndex), trainer);
        if (trainer.Iteration <= _newest) return;
        _newest = trainer.Iteration;
        if (trainer.IterationMilliseconds <= 0) return;
        Add(_milliseconds, trainer.IterationMilliseconds, Window);
        _median = null;
    }

    private void ObserveRank((HostName Host, int LocalIndex) key, TrainerReport trainer)
    {
        var isKnown = _ranks.TryGetValue(key, out var before);
        // A newer report has overtaken this one.
        if (isKnown && trainer.Iteration < before.Trained) return;
        var behind = trainer.State == TrainerState.Training ? Math.Max(0, _newest.Value - trainer.Iteration.Value) : 0;
        _ranks[key] = new RankPace(trainer.Iteration, trainer.Captured, trainer.SkippedSaves, behind);
        // If a save failed between two captures, the distance between them is more than one save interval.
        if (isKnown && before.Captured > Iteration.Zero && trainer.Captured > before.Captured && trainer.SkippedSaves == before.SkippedSaves)
            Add(_saveIntervals, trainer.Captured.Value - before.Captured.Value, SaveWindow);
    }

    private static void Add<T>(Queue<T> window, T value, int size)
    {
        window.Enqueue(value);
        if (window.Count > size) window.Dequeue();
    }

    private readonly record struct RankPace(Iteration Trained, Iteration Captured, long SkippedSaves, long Behind);
}
