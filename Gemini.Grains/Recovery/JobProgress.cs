using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>How far the ranks have trained and captured, and how fast. Pure.</summary>
internal sealed class JobProgress(JobState state, HostRoster roster, JobCommits commits)
{
    private readonly IterationStatistics _statistics = new();
    private readonly SlowHosts _slow = new();
    private (Iteration Trained, Iteration Captured) _before;

    /// <summary>Duration of the median iteration, in milliseconds; 0 while it is not known.</summary>
    public double IterationMilliseconds => _statistics.MillisecondsMedian;

    /// <summary>The greatest distance from the committed iteration to a trained one, in iterations, since the first commit.</summary>
    public long CommittedLagMax => _statistics.CommittedLagMax;

    /// <summary>Iterations from one save of a rank to its next; 0 while it is not known.</summary>
    public long SaveInterval => _statistics.SaveInterval;

    /// <summary>The most iterations that a rank is behind, see <see cref="IterationStatistics.RanksApart"/>; 0 unless the job is Running.</summary>
    public long RanksApart => state.Phase == JobPhase.Running ? _statistics.RanksApart : 0;

    public void Observe(HostReport report)
    {
        if (state.Phase is not (JobPhase.Resuming or JobPhase.Running)) return;
        _statistics.Observe(report, state.Record.Epoch, commits.Committed);
        _slow.Observe(report, state.Record.Epoch);
    }

    /// <summary>What the rules of a running job need to know of all ranks together.</summary>
    public TrainingPace Pace() => TrainingPace.Of(roster.Trainers(), state.Record.Epoch);

    /// <summary>
    /// The newest iterations that every rank is known to have trained and captured. During a recovery nobody trains and most trainers report nothing,
    /// so the values from before the failure are kept until the job runs again. A committed or restored iteration was captured, and a captured
    /// iteration was trained.
    /// </summary>
    public (Iteration Trained, Iteration Captured) Evaluate()
    {
        var isTold = state.Phase is JobPhase.Running or JobPhase.Completed
            || (state.Phase == JobPhase.Persisting && state.Version.Step == DirectiveStep.Run);
        var (trained, captured) = isTold ? Reported() : _before;
        captured = Newest(captured, commits.Committed, state.Record.Restore?.Iteration ?? default);
        return (Newest(trained, captured), captured);
    }

    /// <summary>Keeps the values of the epoch that ends. Call this while the record still has that epoch.</summary>
    public void Remember() => _before = Evaluate();

    /// <summary>The slow hosts, for people; null if there is none or the job is not Running.</summary>
    public string? DescribeSlow() => state.Phase == JobPhase.Running ? _slow.Describe(state.Record.Assignment.OfType<HostName>()) : null;

    /// <summary>The values from the trainers of this epoch; zero while a trainer has reported nothing.</summary>
    private (Iteration Trained, Iteration Captured) Reported()
    {
        var trainers = roster.Trainers();
        return Array.TrueForAll(trainers, trainer => trainer?.Epoch == state.Record.Epoch)
            ? (trainers.Min(trainer => trainer!.Iteration), trainers.Min(trainer => trainer!.Captured))
            : default;
    }

    private static Iteration Newest(params ReadOnlySpan<Iteration> iterations)
    {
        var newest = Iteration.Zero;
        foreach (var iteration in iterations) newest = iteration > newest ? iteration : newest;
        return newest;
    }
}
