using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class TimelineKeeperTests
{
    private readonly Parts _parts = new Parts().At(DirectiveStep.Run, JobPhase.Running);
    private readonly TimelineKeeper _keeper;

    public TimelineKeeperTests() => _keeper = new TimelineKeeper(_parts.State);

    [Fact]
    public void Begin_InTheMiddleOfARecovery_GoesOnWithItsTimeLine()
    {
        Assert.True(Begin(FailureOf(FailureKind.Software, "h0", "the first"), now: 100));
        _keeper.StampDecided(now: 110);

        Assert.False(Begin(FailureOf(FailureKind.Hardware, "h1", "the second"), now: 120));

        var timeline = Assert.Single(_parts.State.Record.Recoveries);
        Assert.Equal((90, 100, 0, 2), (timeline.FailedAt, timeline.DetectedAt, timeline.DecidedAt, timeline.Attempts));
        Assert.Equal((FailureKind.Hardware, "the first; then the second"), (timeline.Kind, timeline.Reason));
        Assert.Equal(["h0", "h1"], timeline.Hosts.Select(host => host.Value));
        Assert.Equal(new Epoch(3), timeline.Epoch);
    }

    [Fact]
    public void NoteLost_OnlyHostsThatAreNew_AndAPlannedRecoveryStaysPlannedIfTheyWereToldToStop()
    {
        Begin(FailureOf(FailureKind.Planned, "h0", "told to stop"), now: 100);

        _keeper.NoteLost([new("h0")], _ => FailureKind.Hardware);
        Assert.Equal(FailureKind.Planned, _keeper.Open!.Kind);
        _keeper.NoteLost([new("h0"), new("h1")], hosts => hosts.Single().Value == "h1" ? FailureKind.Planned : FailureKind.Hardware);
        Assert.Equal(FailureKind.Planned, _keeper.Open!.Kind);
        _keeper.NoteLost([new("h2")], _ => FailureKind.Hardware);

        Assert.Equal((FailureKind.Hardware, 3), (_keeper.Open!.Kind, _keeper.Open.Hosts.Length));
    }

    /// <summary>If an interrupted attempt fetched a shard, the shard counts as fetched, although it is in own memory by now.</summary>
    [Fact]
    public void StampPlanned_SameSnapshotAgain_KeepsTheFurthestSource()
    {
        Begin(FailureOf(FailureKind.Software, "h0", "x"), now: 100);
        _keeper.StampPlanned(Plan(CopySource.Peer), CopySource.None, now: 110);
        _keeper.StampPlanned(Plan(CopySource.Local), CopySource.None, now: 120);
        Assert.Equal((CopySource.Peer, 120), (_keeper.Open!.Source, _keeper.Open.ReplacedAt));

        _keeper.StampPlanned(Plan(CopySource.Local, iteration: 8), CopySource.None, now: 130);

        Assert.Equal(CopySource.Local, _keeper.Open!.Source);
    }

    [Fact]
    public void StampResumed_ClosesIt_WithWhatTheHostsMeasuredInThisEpoch()
    {
        Begin(FailureOf(FailureKind.Software, "h0", "x"), now: 100);
        Assert.False(_keeper.IsResumed);
        _parts.At(DirectiveStep.Run, JobPhase.Resuming);
        RankRestore Of(int rank, long epoch, CopySource source) => new() { Rank = new Rank(rank), Epoch = new Epoch(epoch), Source = source, Bytes = 10 };

        _keeper.StampResumed([Of(1, 2, CopySource.Peer), Of(0, 2, CopySource.Local), Of(2, 1, CopySource.Peer)], now: 150);

        var timeline = Assert.Single(_parts.State.Record.Recoveries);
        Assert.Equal((150, 150, 10), (timeline.LoadedAt, timeline.ResumedAt, timeline.FetchedBytes));
        Assert.Equal([0, 1], timeline.Ranks.Select(rank => rank.Rank.Value));
        Assert.True(_keeper.IsResumed);
        Assert.Null(_keeper.Open);
    }

    [Fact]
    public void Stamps_InTheWrongStep_AreMistakes()
    {
        Assert.Throws<InvariantViolatedException>(() => _keeper.StampDecided(now: 1));
        Assert.Throws<InvariantViolatedException>(() => _keeper.StampPlanned(Plan(CopySource.Local), CopySource.None, now: 1));
        Assert.Throws<InvariantViolatedException>(() => _keeper.StampFetched(now: 1));
        _keeper.StampLoaded(now: 1);
    }

    private bool Begin(Failure failure, long now)
    {
        var epoch = _parts.State.Record.Epoch.Next();
        var begins = _keeper.Begin(epoch, failure.Reason, failure, new Iteration(7), now);
        _parts.State.Record = _parts.State.Record with { Epoch = epoch };
        _parts.At(DirectiveStep.Halt, JobPhase.Halting);
        return begins;
    }

    private static Failure FailureOf(FailureKind kind, string host, string reason) => new(kind, [new(host)], [], FailedAt: 90, reason);

    private static RecoveryPlan Plan(CopySource source, long iteration = 5) => new(Jobs.Snapshot(iteration), [], source);
}
