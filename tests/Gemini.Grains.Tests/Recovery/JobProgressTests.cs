using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class JobProgressTests
{
    /// <summary>During a recovery most trainers report nothing. The progress that was known before stays until the job runs again.</summary>
    [Fact]
    public void Evaluate_DuringARecovery_IsWhatWasKnownBeforeIt()
    {
        var parts = new Parts().At(DirectiveStep.Run, JobPhase.Running).Train(iteration: 7);
        Assert.Equal((new Iteration(7), new Iteration(7)), parts.Progress.Evaluate());
        parts.Progress.Remember();
        parts.State.Record = parts.State.Record with { Epoch = new Epoch(2), Restore = Jobs.Snapshot(6) };
        parts.At(DirectiveStep.Halt, JobPhase.Halting).ReportAll(report => report with { Trainers = [] });

        Assert.Equal((new Iteration(7), new Iteration(7)), parts.Progress.Evaluate());
        parts.At(DirectiveStep.Run, JobPhase.Resuming).At(DirectiveStep.Run, JobPhase.Running).Train(iteration: 6);

        Assert.Equal((new Iteration(6), new Iteration(6)), parts.Progress.Evaluate());
    }

    [Fact]
    public void Evaluate_OneRankHasSaidNothing_OnlyWhatIsCommittedOrRestoredIsKnown()
    {
        var parts = new Parts(record: record => record with { Committed = new Iteration(3) }).At(DirectiveStep.Run, JobPhase.Running).Train(iteration: 7);
        parts.Report("h1", report => report with { Trainers = [] });

        Assert.Equal((new Iteration(3), new Iteration(3)), parts.Progress.Evaluate());
    }
}
