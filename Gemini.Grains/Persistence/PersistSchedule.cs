using Gemini.Interfaces.Model;

namespace Gemini.Grains.Persistence;

/// <summary>Decides which iteration is persisted next, and when. Pure.</summary>
/// <remarks>
/// An iteration is named before its capture. A trainer uses a slot again as soon as the next snapshot is committed. So a host that learned of the
/// request only at the commit would have one iteration to copy the snapshot. A host that knows the iteration before can begin at the seal.
/// </remarks>
public static class PersistSchedule
{
    /// <summary>
    /// How far ahead an iteration is named: reports and directives take less than one iteration each way.
    /// </summary>
    public const int LeadIterations = 2;

    /// <summary>Each miss in a row adds one iteration to the lead, up to this many.</summary>
    private const int ExtraLeadMax = 14;

    /// <summary>The iteration to name now; null if none is due, or if the run ends before it.</summary>
    public static Iteration? Next(StoragePolicy policy, in PersistProgress progress, long now)
    {
        var missed = progress.Misses > 0;
        if (!missed && !IsDue(policy, progress, now)) return null;
        var next = policy.EveryIterations > 0 && !missed
            ? ((progress.Reached.Value / policy.EveryIterations) + 1) * policy.EveryIterations
            : progress.Reached.Value + LeadIterations + Math.Min(progress.Misses, ExtraLeadMax);
        return progress.Total > 0 && next > progress.Total ? null : new Iteration(next);
    }

    /// <summary>Whether the policy asks for one more, counted from <see cref="PersistProgress.Since"/>.</summary>
    public static bool IsDue(StoragePolicy policy, in PersistProgress progress, long now) =>
        policy.EveryIterations > 0 || now - progress.Since >= policy.Every.TotalMilliseconds;

    /// <summary>
    /// HighFreq's interval in iterations, ⌈t_ckpt / T_iter⌉ (GEMINI, SOSP'23, §7.1): a checkpoint does not start before the previous one is complete, and
    /// more than one per iteration is useless. Checked by: PersistScheduleTests, against the 8 iterations that follow from the paper's 481 s and 62 s.
    /// </summary>
    public static long HighFreqIterations(TimeSpan checkpoint, TimeSpan iteration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(iteration, TimeSpan.Zero);
        return Math.Max(1, (long)Math.Ceiling(checkpoint / iteration));
    }
}
