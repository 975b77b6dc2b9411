using System.Collections.Immutable;

namespace Gemini.Silo.Trainers;

/// <summary>Where the training loop of a process is, as far as its silo was told.</summary>
internal enum LoopPlace
{
    /// <summary>It has been in no epoch: it may still build its model.</summary>
    Building,

    /// <summary>It waits for a restore point.</summary>
    Asking,

    /// <summary>It was given a restore point, or it came from an epoch: it loads or trains.</summary>
    Away,
}

/// <summary>
/// Finds a training loop that never comes back to ask where to go on from, although the socket thread of its process answers. Also finds one
/// that waits for its first epoch in good health. Pure.
/// </summary>
/// <remarks>The limit follows the trainer's own speed: a long forward pass is no hang.</remarks>
internal sealed record LoopWatch
{
    /// <summary>Enough for a steady median.</summary>
    private const int RememberedSteps = 31;

    public LoopPlace Place { get; private init; }

    /// <summary>When the loop must have come back; null: nothing is expected of it.</summary>
    public TimeSpan? ReturnBy { get; private init; }

    /// <summary>How long it was given.</summary>
    public TimeSpan ReturnLimit { get; private init; }

    /// <summary>When a connected process counts as healthy without a step; null: it does already, or it has been in an epoch.</summary>
    public TimeSpan? SettleBy { get; private init; } = TimeSpan.MaxValue;

    /// <summary>Of the newest steps, oldest first, also of earlier processes.</summary>
    private ImmutableArray<double> StepMilliseconds { get; init; } = [];

    /// <summary>Another process: only the speed of the one before is remembered.</summary>
    public LoopWatch Renewed() => new() { StepMilliseconds = StepMilliseconds };

    /// <param name="hasTrained">Whether its loop has been in an epoch.</param>
    /// <param name="settleBy">When it counts as healthy if it has not.</param>
    public LoopWatch OnHello(bool hasTrained, TimeSpan settleBy) => hasTrained
        ? this with { Place = Place == LoopPlace.Building ? LoopPlace.Away : Place, SettleBy = null }
        : this with { SettleBy = SettleBy is null ? null : settleBy };

    public LoopWatch OnAsked() => this with { Place = LoopPlace.Asking, ReturnBy = null };

    public LoopWatch OnHanded() => this with { Place = LoopPlace.Away, SettleBy = null };

    public LoopWatch OnSettled() => this with { SettleBy = null };

    public LoopWatch OnStep(double milliseconds) =>
        this with { StepMilliseconds = [.. StepMilliseconds.TakeLast(RememberedSteps - 1), milliseconds] };

    /// <summary>
    /// The process has said that it stopped. Before its first epoch it may still build its model, and the start has a limit of its own.
    /// </summary>
    public LoopWatch OnStopped(TrainerOptions options, TimeSpan now)
    {
        if (Place != LoopPlace.Away || ReturnBy is not null) return this;
        var sorted = StepMilliseconds.Order().ToArray();
        var median = sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
        var limit = TimeSpan.FromMilliseconds(Math.Max(options.ReturnFloor.TotalMilliseconds, options.ReturnMultiple * median));
        return this with { ReturnLimit = limit, ReturnBy = now + limit };
    }
}
