using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Decides when a host may leave: at the end of the job, or when it was told to stop. Pure.</summary>
/// <remarks>
/// If all hosts of a job are told to stop, their memory may be lost before the next start. So the newest snapshot goes to storage first. If only some
/// hosts are told to stop, the job continues without them and nothing has to be saved.
/// </remarks>
public static class LeavePlanner
{
    /// <summary>
    /// If all hosts are told to stop, all of them report this within this time. Training continues meanwhile, so the wait costs nothing.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a job must be Failed before hosts that were not told to stop may leave. Until then, a lost machine may come back, with or without its
    /// memory: a machine restarts within this time.
    /// </summary>
    public static readonly TimeSpan FailedForGood = TimeSpan.FromMinutes(5);

    /// <summary>The answer to one host; null: it stays.</summary>
    public static LeaveDirective? Evaluate(in LeaveObservation observation)
    {
        if (observation is { Phase: JobPhase.Completed, AllKnowOfCompletion: true }) return new(LeaveCause.Completed, observation.Reason);
        if (observation.Phase == JobPhase.Failed && observation.FailedMilliseconds >= FailedForGood.TotalMilliseconds)
            return new(LeaveCause.Failed, observation.Reason);
        if (observation.LeavingMilliseconds is not { } leaving) return null;
        if (!observation.HasPosition) return new(LeaveCause.Released, "the host has no position in the job");
        if (!observation.HasStorage) return new(LeaveCause.Released, "the job has no persistent storage");
        if (observation.OthersStay) return leaving >= Settling.TotalMilliseconds ? new(LeaveCause.Released, "the job goes on without this host") : null;
        return EvaluateStop(observation);
    }

    /// <summary>Every host of the job was told to stop.</summary>
    private static LeaveDirective? EvaluateStop(in LeaveObservation observation)
    {
        if (observation.Committed is not { } committed) return new(LeaveCause.Released, "no snapshot is committed yet");
        if (observation is { Phase: JobPhase.Persisting, IsPersisted: true }) return new(LeaveCause.Saved, $"snapshot {committed} is in storage");
        var isHopeless = observation.Phase is JobPhase.Replacing or JobPhase.Failed || observation is { Phase: JobPhase.Persisting, IsIncomplete: true };
        return isHopeless ? new(LeaveCause.NotSaved, $"the job is {observation.Phase.ToString().ToLowerInvariant()}: {observation.Reason}") : null;
    }
}
