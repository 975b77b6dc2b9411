using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class JobCommitsTests
{
    private readonly Parts _parts = new Parts().At(DirectiveStep.Run, JobPhase.Running).Train(iteration: 3);

    private JobCommits Commits => _parts.Commits;

    [Fact]
    public void ObserveComplete_AllGroups_IsToldOnce_AndTheFirstCommitIsWritten()
    {
        Assert.False(Complete(0, Jobs.Snapshot(3)));
        Assert.True(Complete(1, Jobs.Snapshot(3)));

        Assert.Equal((new Iteration(3), Jobs.Snapshot(3)), (_parts.State.Record.Committed, Commits.Snapshot));
        Assert.Equal(new Iteration(3), Commits.TakeNews().Commit);
        Assert.Null(Commits.TakeNews().Commit);
    }

    /// <summary>The slots of such a snapshot are being freed.</summary>
    [Fact]
    public void ObserveComplete_SnapshotOfAnEarlierEpochThatWasNotRestored_DoesNotCount()
    {
        var parts = new Parts(record: record => record with { Epoch = new Epoch(2), Restore = Jobs.Snapshot(5) }).At(DirectiveStep.Run, JobPhase.Running);
        bool Both(SnapshotId snapshot) => Complete(0, snapshot, parts) | Complete(1, snapshot, parts);

        Assert.False(Both(Jobs.Snapshot(6)));
        Assert.True(Both(Jobs.Snapshot(5)));
        Assert.True(Both(Jobs.Snapshot(6, epoch: 2)));
    }

    /// <summary>The message to the rank may be lost, and the next root agent would then commit the snapshot. So the record names it first.</summary>
    [Fact]
    public void Evaluate_OneRankHoldsAnOlderSnapshotForTooLong_ItIsGivenUp()
    {
        _parts.Report("h1", report => report with { Trainers = [_parts.Training(report.Trainers[0], 2)] });
        Evaluate(now: 0);
        Evaluate(now: 3000);
        Assert.Empty(Commits.TakeNews().Abandon);

        Evaluate(now: 3001);

        Assert.Equal((new Iteration(2), new Iteration(2)), (_parts.State.Record.Abandoned, Commits.Abandoned));
        Assert.Equal(new Iteration(2), Assert.Single(Commits.TakeNews().Abandon));
        Assert.False(Complete(0, Jobs.Snapshot(2)) | Complete(1, Jobs.Snapshot(2)));
    }

    [Fact]
    public void BeginEpoch_NothingOfTheOldOneIsTold()
    {
        Complete(0, Jobs.Snapshot(3));
        Complete(1, Jobs.Snapshot(3));
        Commits.ObserveSkipped(new Epoch(1), new Iteration(4));

        Commits.BeginEpoch();

        var (commit, abandon) = Commits.TakeNews();
        Assert.Null(commit);
        Assert.Empty(abandon);
        Assert.Equal((new Iteration(3), Iteration.Zero), (Commits.Committed, Commits.Abandoned));
    }

    [Fact]
    public void StartFrom_WhileTheJobTrains_IsAMistake() => Assert.Throws<InvariantViolatedException>(() => Commits.StartFrom(null));

    private void Evaluate(long now) => Assert.Null(Commits.Evaluate(_parts.Progress.Pace(), makesSteps: true, iterationMilliseconds: 100, now));

    private bool Complete(int group, SnapshotId snapshot, Parts? parts = null) => (parts ?? _parts).Commits.ObserveComplete(
        group, (parts ?? _parts).State.Record.Epoch, snapshot, Jobs.Replicas(snapshot, group * 2, (group * 2) + 1));
}
