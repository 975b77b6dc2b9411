using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>How far the ranks have trained and captured, and at what pace. Pure.</summary>
internal sealed class JobProgress(JobState state, HostRoster roster, JobCommits commits)
{
    private readonly IterationStatistics _statistics = new();
    private readonly SlowHosts _slow = new();
    private (Iteration Trained, Iteration Captured) _before;

    /// <summary>The median iteration; 0 while it is not known.</summary>
    public double IterationMilliseconds => _statistics.MillisecondsMedian;

    /// <summary>How far, at most, the committed iteration was behind a trained one, since something was committed.</summary>
    public long CommittedLagMax => _statistics.CommittedLagMax;

    /// <summary>Iterations from one save of a rank to its next; 0 while it is not known.</summary>
    public long SaveInterval => _statistics.SaveInterval;

    /// <summary>How many iterations a rank is behind the newest, while the job runs.</summary>
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
    /// What every rank has trained and captured, as far as anybody knows. While a failure is dealt with, nobody trains and most trainers say nothing: what was
    /// known before it stands until the job runs again. What is committed or restored was captured, and what was captured was trained.
    /// </summary>
    public (Iteration Trained, Iteration Captured) Evaluate()
    {
        var isTold = state.Phase is JobPhase.Running or JobPhase.Completed
            || (state.Phase == JobPhase.Persisting && state.Version.Step == DirectiveStep.Run);
        var (trained, captured) = isTold ? Reported() : _before;
        captured = Newest(captured, commits.Committed, state.Record.Restore?.Iteration ?? default);
        return (Newest(trained, captured), captured);
    }

    /// <summary>To be called while the record still has the epoch that ends.</summary>
    public void Remember() => _before = Evaluate();

    /// <summary>Hosts that hold the others up, for people; null when none does or the job does not run.</summary>
    public string? DescribeSlow() => state.Phase == JobPhase.Running ? _slow.Describe(state.Record.Assignment.OfType<HostName>()) : null;

    /// <summary>By the trainers of this epoch; zero while one of them has said nothing.</summary>
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
