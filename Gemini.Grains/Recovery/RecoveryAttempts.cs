using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Counts the epochs that began since the newest commit, and says when the next epoch may begin. A recovery that fails again and again must not load
/// the cluster, the record's store and the logs. Pure: the caller gives the time, in milliseconds of any steady clock.
/// </summary>
/// <param name="earlier">Attempts that earlier root agents made in the recovery that is still open.</param>
/// <param name="culpritAttempts">This many failures in a row, all by the same single host and without a commit between them, make that host the
/// cause.</param>
/// <param name="pauseLimit">The longest pause between two attempts, in milliseconds.</param>
internal sealed class RecoveryAttempts(int earlier, int culpritAttempts, long pauseLimit)
{
    /// <summary>This many attempts begin without a pause: a failure in the middle of a recovery is no repetition.</summary>
    private const int FreeAttempts = 2;

    /// <summary>The first pause in milliseconds; it doubles with every further attempt.</summary>
    private const long FirstPause = 500;

    private long _begunAt;
    private HostName? _cause;
    private int _causeCount;

    /// <summary>Epochs begun since the newest commit.</summary>
    public int Count { get; private set; } = earlier;

    /// <summary>An epoch begins.</summary>
    /// <param name="causes">The hosts that failed; empty if the epoch begins for another reason.</param>
    /// <param name="now">The time.</param>
    public void Begin(IReadOnlyCollection<HostName> causes, long now)
    {
        Invariant.Check(now >= _begunAt, $"an attempt begins at {now} ms of a steady clock, and the one before began at {_begunAt} ms");
        (Count, _begunAt) = (Count + 1, now);
        var cause = causes.Count == 1 ? causes.First() : (HostName?)null;
        _causeCount = cause is not null && cause == _cause ? _causeCount + 1 : 1;
        _cause = cause;
    }

    /// <summary>Something new was committed, so the newest attempt has succeeded.</summary>
    public void Succeed() => (Count, _cause, _causeCount) = (0, null, 0);

    /// <summary>Milliseconds until the next attempt may begin; 0: it may begin now.</summary>
    public long WaitFor(long now)
    {
        if (Count < FreeAttempts) return 0;
        var pause = Math.Min(pauseLimit, FirstPause << Math.Min(Count - FreeAttempts, 10));
        return Math.Max(0, _begunAt + pause - now);
    }

    /// <summary>Whether one more failure by this host makes the host the cause.</summary>
    public bool IsCulprit(HostName host) => _cause == host && _causeCount + 1 >= culpritAttempts;
}
