using Gemini.Interfaces.Model;

namespace Gemini.Grains.Persistence;

/// <summary>Decides which iteration is persisted next, and when. Pure.</summary>
/// <remarks>
/// An iteration is named ahead of its capture. A trainer uses a slot again as soon as the snapshot after it is committed, so a
/// host that heard of it only at its commit would have one iteration to copy it; named ahead, it can begin at the seal.
/// </remarks>
public static class PersistSchedule
{
    /// <summary>
    /// How far ahead an iteration is named: reports and directives take less than one iteration each way.
    /// </summary>
    public const int LeadIterations = 2;

    /// <summary>Each miss is answered with one iteration more of lead, up to this many.</summary>
    private const int ExtraLeadMax = 14;

    /// <summary>The iteration to name now; null when none is due, or when the run ends before it.</summary>
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
    /// HighFreq's interval in iterations, ⌈t_ckpt / T_iter⌉ (GEMINI, SOSP'23, §7.1): one checkpoint does not start before the
    /// one before it is complete, and more than one in an iteration is of no use. Checked by: PersistScheduleTests, against the
    /// 8 iterations that the paper's 481 s and 62 s give.
    /// </summary>
    public static long HighFreqIterations(TimeSpan checkpoint, TimeSpan iteration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(iteration, TimeSpan.Zero);
        return Math.Max(1, (long)Math.Ceiling(checkpoint / iteration));
    }
}
