using Gemini.Interfaces.Model;

namespace Gemini.Silo.Status;

/// <summary>How far commits are behind training. Pure.</summary>
/// <param name="Iterations">The newest iteration that any rank is known to have finished, minus the committed one. Never below 0.</param>
/// <param name="Allowed">The largest lag that is still normal.</param>
internal readonly record struct CommitLag(long Iterations, long Allowed)
{
    public bool IsTooGreat => Iterations > Allowed;

    public static CommitLag Of(JobStatus status, SafetyBounds bounds)
    {
        var trainers = TrainersOf(status).ToList();
        var trained = trainers.Select(trainer => trainer.Iteration).Append(status.Trained).Max();
        return new CommitLag(Math.Max(0, trained.Value - status.Committed.Value), Allow(status, bounds));
    }

    /// <summary>The trainers of the running epoch on present hosts with a position.</summary>
    public static IEnumerable<TrainerReport> TrainersOf(JobStatus status) => status.Hosts
        .Where(host => host is { Alive: true, Position: not null })
        .SelectMany(host => host.Report.Trainers)
        .Where(trainer => trainer.Epoch == status.Epoch);

    private static long Allow(JobStatus status, SafetyBounds bounds)
    {
        // A root agent that has just come up has no median yet.
        var newest = TrainersOf(status).Select(trainer => trainer.IterationMilliseconds).DefaultIfEmpty(0).Max();
        var milliseconds = status.IterationMillisecondsMedian > 0 ? status.IterationMillisecondsMedian : newest;
        var byTime = milliseconds > 0 ? (long)(bounds.Seconds * 1000.0 / milliseconds) : 0;
        return Math.Max(Math.Max(bounds.Iterations, byTime), 2 * status.SaveInterval);
    }
}
