using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>When a host takes in guests, from whom, which it refuses, and when it lets them go.</summary>
public sealed class GuestKeeperTests : IDisposable
{
    private static readonly SnapshotId Five = Jobs.Snapshot(5);

    private readonly HostBench _host;
    private readonly GuestKeeper _guests;
    private int _changes;

    public GuestKeeperTests()
        : this(new HostBench())
    {
    }

    private GuestKeeperTests(HostBench host)
    {
        _host = host;
        _guests = new GuestKeeper(_host.Job, _host.State, _host.Ports, _host.Time, _host.Log);
        _guests.Changed += () => _changes++;
        _host.Launch(new HostLoop("Taking in guests", _guests.TakeInAsync));
    }

    public void Dispose()
    {
        _host.Dispose();
        _guests.Dispose();
    }

    [Fact]
    public void Guests_AreTakenInOneAfterTheOther_FromTheBestSource()
    {
        var gate = new TaskCompletionSource();
        _host.Copies.Gate = gate.Task;

        Halt(epoch: 2, Guest(3, 1, 2), Guest(2, 2));
        Assert.Equal(["h1:1 for 3 of 5@1 in epoch 2"], _host.Copies.Asked);

        _host.Run(gate.SetResult);
        Assert.Equal(["h1:1 for 3 of 5@1 in epoch 2", "h2:1 for 2 of 5@1 in epoch 2"], _host.Copies.Asked);
        Assert.Equal([3, 2], _host.Memory.Copies.Select(copy => copy.Owner.Value));
        Assert.Equal(2, _changes);
        Assert.Empty(_guests.Refused);
        Assert.Equal("Took in a copy of shard 3 of snapshot 5@1 from h1 as a guest: 1000 bytes in 5.0 ms", _host.Log.All[0]);
    }

    [Fact]
    public void ASourceDoesNotGiveTheCopy_TheNextIsAsked()
    {
        _host.Copies.Set("h1:1", FetchResult.SourceFailed);

        Halt(epoch: 2, Guest(3, 1, 2));

        Assert.Single(_host.Memory.Copies);
        Assert.Empty(_guests.Refused);
    }

    /// <summary>The root agent then looks for another host for the copy. What changed in a new epoch may help this host, so it tries again then.</summary>
    [Fact]
    public void NoSourceGivesTheCopy_IsRefusedUntilTheNextEpoch()
    {
        _host.Copies.Set("h1:1", FetchResult.SourceRefused);
        _host.Copies.Set("h2:1", FetchResult.TimedOut);

        Halt(epoch: 2, Guest(3, 1, 2));
        Assert.Equal([new Rank(3)], _guests.Refused);
        Assert.Equal(1, _changes);
        Assert.Equal(["No copy of shard 3 of snapshot 5@1 was taken in as a guest: h1: says SourceRefused; h2: says TimedOut"], _host.Log.All);

        Halt(epoch: 2, Guest(3, 1, 2));
        Assert.Equal(2, _host.Copies.Asked.Count);

        _host.Copies.Set("h1:1", FetchResult.Completed);
        Halt(epoch: 3, Guest(3, 1, 2));
        Assert.Empty(_guests.Refused);
        Assert.Single(_host.Memory.Copies);
    }

    [Fact]
    public void Refused_InANewEpoch_IsForgotten_EvenBeforeItsGuestsAreKnown()
    {
        _host.Copies.Set("h1:1", FetchResult.SourceRefused);
        Halt(epoch: 2, Guest(3, 1));
        Assert.NotEmpty(_guests.Refused);

        _host.State.Take(_host.Directive(DirectiveStep.Halt, epoch: 3));

        Assert.Empty(_guests.Refused);
    }

    [Fact]
    public void NoSourceIsNamed_IsRefused()
    {
        Halt(epoch: 2, Guest(3));

        Assert.Equal([new Rank(3)], _guests.Refused);
        Assert.EndsWith("nobody has it", Assert.Single(_host.Log.All), StringComparison.Ordinal);
    }

    [Fact]
    public void NoRoom_IsRefused_AndNobodyIsAsked_AndTheOthersAreTakenIn()
    {
        _host.Memory.NoRoomFor.Add(new Rank(3));

        Halt(epoch: 2, Guest(3, 1), Guest(2, 1));

        Assert.Equal([new Rank(3)], _guests.Refused);
        Assert.Equal(["h1:1 for 2 of 5@1 in epoch 2"], _host.Copies.Asked);
        Assert.Equal("No copy of shard 3 of snapshot 5@1 was taken in as a guest: there is no room", _host.Log.All[0]);
    }

    /// <summary>
    /// What the host's own position takes has priority: m shards of two slots for each rank and, with storage, one staging buffer for each rank, without
    /// the buffers that exist already.
    /// </summary>
    [Theory]
    [InlineData(1, false, 0, 4_000)]
    [InlineData(2, false, 0, 8_000)]
    [InlineData(2, true, 0, 10_000)]
    [InlineData(2, true, 1_500, 8_500)]
    public void Room_ForTheOwnPositionIsKeptFree(int ranksPerHost, bool hasStorage, long stagedBytes, long ownNeedBytes)
    {
        using var host = new HostBench(ranksPerHost, hasStorage ? new StoragePolicy() : null);
        host.Storage.StagedBytes = stagedBytes;
        using var test = new GuestKeeperTests(host);

        test.Halt(epoch: 2, Guest(7, 1));

        Assert.Equal(ownNeedBytes, host.Memory.OwnNeedBytes);
    }

    /// <summary>The host holds the committed copy and a newer one of this shard. Each may be the last of its kind.</summary>
    [Fact]
    public void BothSlotsMayBeNeeded_IsRefused_UnlessTheGuestIsOneOfThem()
    {
        _host.Hold(Jobs.Snapshot(4), 3);
        _host.Hold(Jobs.Snapshot(6), 3);

        Halt(epoch: 2, committed: 4, Guest(3, 1));
        Assert.Equal([new Rank(3)], _guests.Refused);
        Assert.Empty(_host.Copies.Asked);

        Halt(epoch: 3, committed: 4, Guest(3, Jobs.Snapshot(6), 1));
        Assert.Empty(_guests.Refused);
        Assert.Equal(["h1:1 for 3 of 6@1 in epoch 3"], _host.Copies.Asked);
    }

    /// <summary>Before Halt is done, trainers and peers may still write.</summary>
    [Fact]
    public void HaltIsNotDone_NothingIsTakenIn()
    {
        _host.State.Take(Directive(epoch: 2, 0, Guest(3, 1)));
        _host.Run(_guests.Wake);
        Assert.Empty(_host.Copies.Asked);

        _host.State.MarkDone(HostBench.Version(2, DirectiveStep.Halt));
        _host.Run(_guests.Wake);

        Assert.Single(_host.Copies.Asked);
    }

    [Fact]
    public void NobodyWakesIt_LooksEveryFiveSeconds()
    {
        _host.State.Take(Directive(epoch: 2, 0, Guest(3, 1)));
        _host.State.MarkDone(HostBench.Version(2, DirectiveStep.Halt));
        _host.RunFor(4_999);
        Assert.Empty(_host.Copies.Asked);

        _host.RunFor(1);

        Assert.Single(_host.Copies.Asked);
    }

    [Theory]
    [InlineData(2, DirectiveStep.Prepare)]
    [InlineData(3, DirectiveStep.Halt)]
    public void ANewerStep_EndsTheFetchThatRuns_AndNoOtherBegins(long epoch, DirectiveStep step)
    {
        _host.Copies.Gate = new TaskCompletionSource().Task;
        Halt(epoch: 2, Guest(3, 1), Guest(2, 1));

        _host.State.Take(_host.Directive(step, epoch));
        _host.Run(_guests.Wake);

        Assert.Empty(_guests.Refused);
        Assert.Empty(_host.Log.All);
        _host.Copies.Gate = Task.CompletedTask;
        _host.RunFor(5_000);
        Assert.Single(_host.Copies.Asked);
    }

    /// <summary>A repeated directive and a commit must not begin the fetch anew.</summary>
    [Fact]
    public void TheSameStepAgain_LeavesTheFetchAlone()
    {
        var gate = new TaskCompletionSource();
        _host.Copies.Gate = gate.Task;
        Halt(epoch: 2, Guest(3, 1));

        Halt(epoch: 2, Guest(3, 1), Guest(2, 1));
        _host.Run(gate.SetResult);

        Assert.Equal(["h1:1 for 3 of 5@1 in epoch 2", "h1:1 for 3 of 5@1 in epoch 2", "h1:1 for 2 of 5@1 in epoch 2"], _host.Copies.Asked);
        Assert.Equal(2, _host.Memory.Copies.Count);
    }

    /// <summary>Until something is committed after the recovery, the only copy of a shard beside its owner's may be the guest.</summary>
    [Fact]
    public void SomethingIsCommittedAfterTheRecovery_GuestsGo_AndNotBefore()
    {
        _host.Memory.HasGuests = true;
        Halt(epoch: 2);
        _host.State.Take(_host.Directive(DirectiveStep.Prepare, epoch: 2, Five, 0));
        _host.State.MarkDone(HostBench.Version(2, DirectiveStep.Prepare));
        _host.State.Take(_host.Directive(DirectiveStep.Run, epoch: 2, Five, 0));
        _host.Run(_guests.Wake);
        Assert.True(_host.Memory.HasGuests);

        _host.State.Commit(new Epoch(2), new Iteration(6));
        _host.Run(_guests.Wake);

        Assert.Equal(["memory releases its guests"], _host.Journal);
    }

    [Fact]
    public void TheNextRecoveryBegins_GuestsStay()
    {
        _host.Memory.HasGuests = true;

        Halt(epoch: 3, committed: 9);

        Assert.Empty(_host.Journal);
    }

    private static GuestCopy Guest(int owner, params int[] sources) => Guest(owner, Five, sources);

    private static GuestCopy Guest(int owner, SnapshotId snapshot, params int[] sources) =>
        new(Jobs.Replica(owner, snapshot), [.. sources.Select(Jobs.Host)]);

    private void Halt(long epoch, params GuestCopy[] guests) => Halt(epoch, committed: 0, guests);

    /// <summary>The host gets the step Halt with these guests, and has carried it out.</summary>
    private void Halt(long epoch, long committed, params GuestCopy[] guests)
    {
        _host.State.Take(Directive(epoch, committed, guests));
        _host.State.MarkDone(HostBench.Version(epoch, DirectiveStep.Halt));
        _host.Run(_guests.Wake);
    }

    private HostDirective Directive(long epoch, long committed, params GuestCopy[] guests) =>
        _host.Directive(DirectiveStep.Halt, epoch) with { Committed = new Iteration(committed), Guests = [.. guests] };
}
