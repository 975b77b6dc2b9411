using System.Collections.Immutable;

namespace Gemini.Silo.Trainers;

/// <summary>Where the training loop of a process is, as far as its silo knows.</summary>
internal enum LoopPlace
{
    /// <summary>The loop has never been in an epoch: it may still build its model.</summary>
    Building,

    /// <summary>The loop waits for a restore point.</summary>
    Asking,

    /// <summary>The loop got a restore point, or it came from an epoch: it loads or trains.</summary>
    Working,
}

/// <summary>
/// Finds a training loop that never comes back to ask for a restore point, although the socket thread of its process answers. Also finds a process
/// that has waited long enough for its first epoch to count as healthy. Pure.
/// </summary>
/// <remarks>The limit depends on the trainer's own speed, because a long forward pass is no hang.</remarks>
internal sealed record LoopWatch
{
    /// <summary>How many steps are remembered: enough for a stable median.</summary>
    private const int RememberedSteps = 31;

    public LoopPlace Place { get; private init; }

    /// <summary>When the loop must have come back; null if it need not.</summary>
    public TimeSpan? ReturnBy { get; private init; }

    /// <summary>How much time the loop had to come back.</summary>
    public TimeSpan ReturnLimit { get; private init; }

    /// <summary>When a connected process counts as healthy without a step. Null: it counts as healthy already, or it has been in an epoch.</summary>
    public TimeSpan? SettleBy { get; private init; } = TimeSpan.MaxValue;

    /// <summary>The durations of the newest steps, oldest first; also those of earlier processes.</summary>
    private ImmutableArray<double> StepMilliseconds { get; init; } = [];

    /// <summary>For the next process. It keeps only the speed of the one before.</summary>
    public LoopWatch Renewed() => new() { StepMilliseconds = StepMilliseconds };

    /// <param name="hasTrained">Whether the loop of the process has been in an epoch.</param>
    /// <param name="settleBy">When the process counts as healthy, if its loop has not been in an epoch.</param>
    public LoopWatch OnHello(bool hasTrained, TimeSpan settleBy) => hasTrained
        ? this with { Place = Place == LoopPlace.Building ? LoopPlace.Working : Place, SettleBy = null }
        : this with { SettleBy = SettleBy is null ? null : settleBy };

    public LoopWatch OnAsked() => this with { Place = LoopPlace.Asking, ReturnBy = null };

    public LoopWatch OnHanded() => this with { Place = LoopPlace.Working, SettleBy = null };

    public LoopWatch OnSettled() => this with { SettleBy = null };

    public LoopWatch OnStep(double milliseconds) =>
        this with { StepMilliseconds = [.. StepMilliseconds.TakeLast(RememberedSteps - 1), milliseconds] };

    /// <summary>
    /// The process said that it stopped. No limit begins before its first epoch, because it may still build its model. The root agent limits that
    /// time.
    /// </summary>
    public LoopWatch OnStopped(TrainerOptions options, TimeSpan now)
    {
        if (Place != LoopPlace.Working || ReturnBy is not null) return this;
        var sorted = StepMilliseconds.Order().ToArray();
        var median = sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
        var limit = TimeSpan.FromMilliseconds(Math.Max(options.ReturnFloor.TotalMilliseconds, options.ReturnMultiple * median));
        return this with { ReturnLimit = limit, ReturnBy = now + limit };
    }
}
