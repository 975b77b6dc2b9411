namespace Gemini.Grains.Hosts;

/// <summary>
/// Decides when an ended trainer is started again, and whether it is broken, so that a restart does not help. Pure, and without a clock: only the
/// ends of the processes count, one after the other.
/// </summary>
/// <remarks>
/// <para>
/// A trainer is broken after <see cref="RestartOptions.FailedStartLimit"/> starts in a row that ended by their own fault, or hung, before the first
/// finished step. A broken trainer is still started again, after pauses that double up to a bound, so that the job continues when the cause is gone.
/// </para>
/// <para>
/// If somebody killed a process, that proves nothing about the next one, so it is no failed start. But when memory is short, the kernel kills the
/// same trainer again and again. So starts that are killed before the first step get pauses too. They never make the trainer broken, but people are
/// told (<see cref="IsKilledAgainAndAgain"/>).
/// </para>
/// </remarks>
public sealed class RestartPolicy(RestartOptions options)
{
    /// <summary>Starts in a row that ended by their own fault, or hung, before a step.</summary>
    public int FailedStarts { get; private set; }

    /// <summary>Starts that somebody killed before a step, since the trainer was healthy.</summary>
    public int Kills { get; private set; }

    /// <summary>Somebody or something kills this trainer again and again before its first step. A person should look.</summary>
    public bool IsKilledAgainAndAgain => Kills >= options.FailedStartLimit;

    /// <summary>A restart does not help until the cause is gone. Stays true until the trainer is healthy.</summary>
    public bool IsBroken => FailedStarts >= options.FailedStartLimit;

    /// <summary>A process ended. Returns how long to wait before the next start.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="finishedAStep">Whether this process had finished a step.</param>
    public TimeSpan OnEnd(TrainerEnd end, bool finishedAStep)
    {
        if (finishedAStep) OnHealthy();
        else if (end is TrainerEnd.OwnFault or TrainerEnd.Hung) FailedStarts++;
        else if (end == TrainerEnd.KilledFromOutside) Kills++;
        return end == TrainerEnd.Dismissed ? TimeSpan.Zero : Pause(FailedStarts + Kills - options.FailedStartLimit);
    }

    /// <summary>The trainer finished a step, or has waited long enough for its epoch: earlier failures and kills no longer count.</summary>
    public void OnHealthy() => (FailedStarts, Kills) = (0, 0);

    /// <summary>0 for a negative number of doublings.</summary>
    private TimeSpan Pause(int doublings)
    {
        if (doublings < 0) return TimeSpan.Zero;
        var pause = options.PauseMin.TotalMilliseconds * Math.Pow(2, doublings);
        return TimeSpan.FromMilliseconds(Math.Min(pause, options.PauseMax.TotalMilliseconds));
    }
}
