using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>What a host tells its checkpoint group, and that it repeats this until the commit is known.</summary>
public sealed class ReplicaAnnouncerTests : IDisposable
{
    private readonly HostBench _host = new();
    private readonly ReplicaAnnouncer _announcer;

    public ReplicaAnnouncerTests()
    {
        _announcer = new ReplicaAnnouncer(_host.ControlPlane, _host.Job, _host.Memory, _host.State, _host.Time);
        _host.Launch(new HostLoop("Announcing", _announcer.AnnounceAsync));
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Sealed_IsAnnouncedAtOnce_AndTwiceASecondUntilTheCommitIsKnown()
    {
        RunAt(position: 3);
        Seal(1);
        _host.RunFor(1_200);
        Assert.Equal([(0L, "group 1, position 3, epoch 1: 0:1@1"), (500L, "group 1, position 3, epoch 1: 0:1@1"), (1_000L, "group 1, position 3, epoch 1: 0:1@1")], Told());

        _host.State.Commit(new Epoch(1), new Iteration(1));
        _host.RunFor(10_000);

        Assert.Empty(Told());
    }

    /// <summary>A group that started again has forgotten everything. So the committed copy, which is the newest complete one, is announced with the pending ones.</summary>
    [Fact]
    public void Announcement_HasTheCommittedCopyAndNewerOnes_AndNoOlderOne()
    {
        RunAt(position: 0);
        Seal(1);
        Seal(2);
        Seal(3);
        Told();
        _host.State.Commit(new Epoch(1), new Iteration(2));
        _host.Run(_announcer.Announce);

        Assert.Equal("group 0, position 0, epoch 1: 0:2@1 0:3@1", Told()[^1].Text);
    }

    [Fact]
    public void TheCallFails_IsRepeatedWithoutANewSeal()
    {
        RunAt(position: 0);
        _host.ControlPlane.TakeAnnouncement = () => Task.FromException(new TimeoutException());
        Seal(1);
        _host.State.Commit(new Epoch(1), new Iteration(1));
        Told();

        _host.ControlPlane.TakeAnnouncement = () => Task.CompletedTask;
        _host.RunFor(10_000);

        // The pause after a failed attempt, and the period.
        Assert.Equal([(1_500L, "group 0, position 0, epoch 1: 0:1@1")], Told());
    }

    /// <summary>Nothing is pending, but the group's ledger of the new epoch is empty.</summary>
    [Fact]
    public void ANewEpoch_IsToldOnceWhatIsHeld()
    {
        RunAt(position: 0);
        Seal(1);
        _host.State.Commit(new Epoch(1), new Iteration(1));
        _host.RunFor(1_000);
        Told();

        _host.State.Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Jobs.Snapshot(1), 0));
        _host.RunFor(1_000);
        Assert.Empty(Told());

        _host.State.MarkDone(HostBench.Version(2, DirectiveStep.Prepare));
        _host.RunFor(10_000);
        Assert.Equal("group 0, position 0, epoch 2: 0:1@1", Assert.Single(Told()).Text);
    }

    /// <summary>Before Prepare is done, memory still has copies that the recovery discards. A standby holds nothing for the placement.</summary>
    [Theory]
    [InlineData(DirectiveStep.Halt, true)]
    [InlineData(DirectiveStep.Prepare, false)]
    public void NotPrepared_OrWithoutAPosition_NothingIsAnnounced(DirectiveStep done, bool hasPosition)
    {
        _host.State.Take(_host.Directive(DirectiveStep.Prepare) with { Position = hasPosition ? new HostPosition(0) : null, Own = [], Held = [] });
        _host.State.MarkDone(HostBench.Version(1, done));
        Seal(1);
        _host.RunFor(2_000);

        Assert.Empty(Told());
    }

    /// <summary>The group waits for no copy of a skipped iteration. The word is given once, with whatever is held.</summary>
    [Fact]
    public void Skipped_IsAnnouncedOnce()
    {
        RunAt(position: 0);

        _host.Run(() => _announcer.AnnounceSkip(Jobs.Snapshot(7)));
        _host.RunFor(10_000);

        Assert.Equal([(0L, "group 0, position 0, epoch 1:  skipped 7")], Told());
    }

    [Fact]
    public void Skipped_TheCallFails_IsAnnouncedAgain()
    {
        RunAt(position: 0);
        _host.ControlPlane.TakeAnnouncement = () => Task.FromException(new TimeoutException());
        _host.Run(() => _announcer.AnnounceSkip(Jobs.Snapshot(7)));
        _host.ControlPlane.TakeAnnouncement = () => Task.CompletedTask;
        _host.RunFor(10_000);

        Assert.Equal(["group 0, position 0, epoch 1:  skipped 7", "group 0, position 0, epoch 1:  skipped 7"], Told().Select(told => told.Text));
    }

    [Fact]
    public void Skipped_WhileTheCallRuns_IsAnnouncedWithTheNext()
    {
        RunAt(position: 0);
        var taken = new TaskCompletionSource();
        _host.ControlPlane.TakeAnnouncement = () => taken.Task;
        _host.Run(() => _announcer.AnnounceSkip(Jobs.Snapshot(7)));
        _host.Run(() => _announcer.AnnounceSkip(Jobs.Snapshot(8)));

        _host.Run(taken.SetResult);

        Assert.Equal(["group 0, position 0, epoch 1:  skipped 7", "group 0, position 0, epoch 1:  skipped 8"], Told().Select(told => told.Text));
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(2, 1)]
    [InlineData(9, 2)]
    public void Skipped_CommittedMeanwhileOrOfAnotherEpoch_IsNotAnnounced(long iteration, long epoch)
    {
        RunAt(position: 0);
        _host.State.Commit(new Epoch(1), new Iteration(3));
        _host.RunFor(1_000);
        Told();

        _host.Run(() => _announcer.AnnounceSkip(Jobs.Snapshot(iteration, epoch)));
        _host.RunFor(2_000);

        Assert.Empty(Told());
    }

    private List<(long At, string Text)> Told()
    {
        List<(long, string)> told = [.. _host.ControlPlane.Announcements];
        _host.ControlPlane.Announcements.Clear();
        return told;
    }

    private void RunAt(int position)
    {
        _host.State.Take(_host.Directive(DirectiveStep.Prepare) with { Position = new HostPosition(position) });
        _host.State.MarkDone(HostBench.Version(1, DirectiveStep.Prepare));
        _host.State.Take(_host.Directive(DirectiveStep.Run) with { Position = new HostPosition(position) });
    }

    private void Seal(long iteration)
    {
        _host.Hold(Jobs.Snapshot(iteration), 0);
        _host.Run(_announcer.Announce);
    }
}
