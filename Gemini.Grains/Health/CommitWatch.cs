using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>
/// Notices that a snapshot is not committed although every rank has captured it and the root agent knows no obstacle, and decides what to do. Pure.
/// </summary>
/// <remarks>
/// <para>
/// No report shows the cause of such a missing commit: a sender that has died, a group that counts wrongly, a message that nobody repeats. So the
/// remedies do not depend on the cause. First the snapshot is abandoned: its slots become free, and the next snapshot is replicated and counted from
/// the beginning. If two abandonments have not helped, a new epoch begins, with new senders, ledgers and announcements. It begins when every rank has
/// captured one more snapshot, at the latest after three limits without a commit. It resumes from the newest capture, so it costs an iteration or
/// two.
/// </para>
/// <para>
/// Time counts only while such a snapshot waits. So a job that saves seldom is never disturbed, however long it trains between two saves. Each new
/// epoch doubles the limit, so a cause that an epoch does not repair costs an epoch less and less often. The doubling ends with a commit that comes
/// more than three limits after the last such epoch began.
/// </para>
/// </remarks>
internal sealed class CommitWatch(HealthOptions options)
{
    /// <summary>How many snapshots are abandoned before an epoch begins: one accident may hit two snapshots by chance.</summary>
    private const int AbandonmentsMax = 2;

    /// <summary>The limit grows to 32 times the first limit, which is 16 minutes with the shortest limit (30 s).</summary>
    internal const int DoublingsMax = 5;

    private readonly SilenceWatch<(Epoch Epoch, Iteration Committed)> _silence = new();
    private Iteration _committed;
    private Iteration _abandoned;
    private int _abandonments;
    private int _epochs;
    private long _epochBegunAt;

    /// <summary>What to do now; the reason is for people.</summary>
    public (CommitRemedy Remedy, string Reason) Evaluate(CommitPace pace, long now)
    {
        var limit = LimitMilliseconds(pace);
        if (pace.Committed != _committed) NoteCommit(pace.Committed, limit, now);
        if (!pace.IsExpected || pace.NewestCapture <= pace.Committed)
        {
            Forget();
            return (CommitRemedy.None, "");
        }

        _silence.Look((pace.Epoch, pace.Committed), now);
        if (pace.OldestCapture != pace.NewestCapture) return (CommitRemedy.None, "");
        if (_abandonments == AbandonmentsMax && (pace.OldestCapture > _abandoned || _silence.Quiet >= limit * (AbandonmentsMax + 1)))
            return (CommitRemedy.BeginEpoch, BeginEpoch(pace, now));
        if (_abandonments == AbandonmentsMax || _silence.Quiet < limit * (_abandonments + 1)) return (CommitRemedy.None, "");
        (_abandonments, _abandoned) = (_abandonments + 1, pace.OldestCapture);
        return (CommitRemedy.Abandon, $"{Describe(pace)}; it is abandoned, so that the next one is replicated from the beginning");
    }

    /// <summary>How long a snapshot may wait for its commit, in milliseconds.</summary>
    private double LimitMilliseconds(CommitPace pace)
    {
        var transfer = pace.BytesToSend / options.CopyRateFloorBytesPerSecond * 1000;
        var limit = Math.Max(options.CommitFloor.TotalMilliseconds, Math.Max(options.CommitMultiple * pace.IterationMilliseconds, transfer));
        return limit * (1 << Math.Min(_epochs, DoublingsMax));
    }

    private void NoteCommit(Iteration committed, double limit, long now)
    {
        _committed = committed;
        _abandonments = 0;
        if (_epochs > 0 && now - _epochBegunAt > limit * (AbandonmentsMax + 1)) _epochs = 0;
    }

    private string BeginEpoch(CommitPace pace, long now)
    {
        var reason = $"{Describe(pace)}; abandoning it {AbandonmentsMax} times did not help, so all that replicates and counts copies is built anew";
        (_epochs, _epochBegunAt) = (_epochs + 1, now);
        Forget();
        return reason;
    }

    private string Describe(CommitPace pace) =>
        $"every rank has captured iteration {pace.OldestCapture}, and nothing was committed for {_silence.Quiet / 1000.0:0.#} s";

    private void Forget()
    {
        _silence.Reset();
        _abandonments = 0;
    }
}
