namespace Gemini.Grains.Hosts;

/// <summary>
/// Decides when a trainer that ended is started again, and whether it is broken: whether a restart is of no use. Pure, and
/// without a clock: what counts is how processes end, one after the other.
/// </summary>
/// <remarks>
/// <para>
/// A trainer is broken after <see cref="RestartOptions.FailedStartLimit"/> starts in a row that ended by their own fault, or
/// hung, before the first finished step. It is started again all the same, after pauses that double up to a bound, so that
/// the job goes on when the cause is gone.
/// </para>
/// <para>
/// A process that somebody killed proves nothing about the next one, so it is no failed start. But the kernel kills the same
/// trainer again and again when memory is short. So starts that are killed before the first step get pauses too, and never a
/// verdict; but people are told (<see cref="IsKilledAgainAndAgain"/>).
/// </para>
/// </remarks>
public sealed class RestartPolicy(RestartOptions options)
{
    /// <summary>Starts in a row that ended by their own fault, or hung, before a step.</summary>
    public int FailedStarts { get; private set; }

    /// <summary>Starts that somebody killed before a step, since the trainer was healthy.</summary>
    public int Kills { get; private set; }

    /// <summary>Somebody, or something, does not let this trainer come up. A person should look.</summary>
    public bool IsKilledAgainAndAgain => Kills >= options.FailedStartLimit;

    /// <summary>A restart is of no use until the cause is gone. Stays true until the trainer is healthy.</summary>
    public bool IsBroken => FailedStarts >= options.FailedStartLimit;

    /// <summary>A process ended. Says how long to wait before the next start.</summary>
    /// <param name="end">How.</param>
    /// <param name="finishedAStep">Whether this process had finished a step.</param>
    public TimeSpan OnEnd(TrainerEnd end, bool finishedAStep)
    {
        if (finishedAStep) OnHealthy();
        else if (end is TrainerEnd.OwnFault or TrainerEnd.Hung) FailedStarts++;
        else if (end == TrainerEnd.KilledFromOutside) Kills++;
        return end == TrainerEnd.SentAway ? TimeSpan.Zero : Pause(FailedStarts + Kills - options.FailedStartLimit);
    }

    /// <summary>The trainer finished a step, or has waited long enough for its epoch: whatever was wrong is cured.</summary>
    public void OnHealthy() => (FailedStarts, Kills) = (0, 0);

    /// <summary>0 for a negative number of doublings.</summary>
    private TimeSpan Pause(int doublings)
    {
        if (doublings < 0) return TimeSpan.Zero;
        var pause = options.PauseMin.TotalMilliseconds * Math.Pow(2, doublings);
        return TimeSpan.FromMilliseconds(Math.Min(pause, options.PauseMax.TotalMilliseconds));
    }
}
