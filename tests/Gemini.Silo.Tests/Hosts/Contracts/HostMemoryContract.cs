using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>What the worker agent requires of a host's memory, in each implementation.</summary>
public abstract class HostMemoryContract
{
    private static readonly Rank Zero = new(0);
    private static readonly Rank One = new(1);
    private static readonly SnapshotId First = Snapshot(1);
    private static readonly SnapshotId Second = Snapshot(2);

    protected abstract IHostMemory Memory { get; }

    [Fact]
    public void NewShard_HoldsNothing_AndHasTwoSlots()
    {
        Ensure(Zero, ShardRole.Own);

        Assert.Empty(Memory.Inventory());
        var (slots, loadSlot) = Memory.SlotsOf(Zero, First);
        Assert.Equal((2, -1), (slots.Length, loadSlot));
    }

    [Fact]
    public void CapturedCopy_IsFoundInItsSlot_AndVerifies()
    {
        Ensure(Zero, ShardRole.Own);
        var hash = Capture(Zero, 1, First);

        var copy = Assert.Single(Memory.Inventory());
        Assert.Equal((Zero, First, hash, PayloadBytesOf(Zero)), (copy.Owner, copy.Snapshot, copy.Hash, copy.PayloadBytes));
        Assert.Equal(1, Memory.SlotsOf(Zero, First).LoadSlot);
        Assert.Equal(-1, Memory.SlotsOf(Zero, Second).LoadSlot);
        Assert.True(Verify(Zero, First, hash));
        Assert.False(Verify(Zero, First, new ContentHash(hash.Value ^ 1)));
        Assert.False(Verify(Zero, Second, hash));
        Assert.False(Verify(One, First, hash));
    }

    [Fact]
    public void EnsureShard_InAnotherRole_KeepsWhatItHolds()
    {
        Ensure(Zero, ShardRole.Own);
        Capture(Zero, 0, First);

        Ensure(Zero, ShardRole.Held);

        Assert.Equal(First, Assert.Single(Memory.Inventory()).Snapshot);
    }

    [Fact]
    public void CopyFromAPeer_IsSealed_AndToldOfOnce()
    {
        List<Replica> told = [];
        Memory.Sealed += told.Add;
        Ensure(Zero, ShardRole.Held);

        Assert.True(ReceiveFromPeer(Zero, First, First.Epoch));

        Assert.Equal(Memory.Inventory(), told);
        Assert.False(Memory.IsReceiving(Zero));
    }

    [Theory]
    [InlineData(ShardRole.Own)]
    [InlineData(ShardRole.Guest)]
    public void CopyFromAPeer_IntoAShardThatPeersMustNotWrite_IsRefused(ShardRole role)
    {
        if (role == ShardRole.Guest) Assert.Null(EnsureGuest(Zero));
        else Ensure(Zero, role);

        Assert.False(ReceiveFromPeer(Zero, First, First.Epoch));

        Assert.Empty(Memory.Inventory());
    }

    [Fact]
    public void CopyFromAPeer_BelowTheEpochFloor_IsRefused_AndTheFloorNeverFalls()
    {
        Ensure(Zero, ShardRole.Held);
        Memory.RaiseEpochFloor(new Epoch(3));
        Memory.RaiseEpochFloor(new Epoch(2));

        Assert.False(ReceiveFromPeer(Zero, First, new Epoch(2)));
        Assert.True(ReceiveFromPeer(Zero, First, new Epoch(3)));
    }

    [Fact]
    public void CopyFromAPeer_KeepsTheCommittedOne()
    {
        Ensure(Zero, ShardRole.Held);
        foreach (var iteration in new[] { 1, 2, 3 }) Assert.True(ReceiveFromPeer(Zero, Snapshot(iteration), new Epoch(1), keep: 1));

        Assert.Equal([Snapshot(1), Snapshot(3)], Held());
    }

    [Fact]
    public void Quarantine_GivesTheCopyUp_AndSaysSo()
    {
        var damages = 0;
        Memory.Damaged += () => damages++;
        Ensure(Zero, ShardRole.Own);
        Capture(Zero, 0, First);
        Capture(Zero, 1, Second);

        Memory.Quarantine(Zero, First, "a test says so");
        Memory.Quarantine(Zero, Snapshot(9), "it is not here");

        Assert.Equal([Second], Held());
        Assert.Equal(1, damages);
    }

    [Fact]
    public void DiscardNewerThan_KeepsOlderOnesAndItself()
    {
        Ensure(Zero, ShardRole.Own);
        Ensure(One, ShardRole.Held);
        Capture(Zero, 0, First);
        Capture(Zero, 1, Second);
        ReceiveFromPeer(One, Second, Second.Epoch);

        Memory.DiscardNewerThan(First);

        Assert.Equal([First], Held());
        Memory.DiscardAll();
        Assert.Empty(Memory.Inventory());
    }

    [Fact]
    public void ReleaseExcept_GivesUpOtherShards_AndLeavesGuests()
    {
        Ensure(Zero, ShardRole.Own);
        Ensure(One, ShardRole.Held);
        Assert.Null(EnsureGuest(new Rank(2)));
        Capture(Zero, 0, First);
        ReceiveFromPeer(One, First, First.Epoch);

        Memory.ReleaseExcept(new HashSet<Rank> { Zero });

        Assert.Equal(Zero, Assert.Single(Memory.Inventory()).Owner);
        Assert.True(Memory.HasGuests);
        Memory.ReleaseGuests();
        Assert.False(Memory.HasGuests);
    }

    [Fact]
    public void EnsureGuest_OfAShardThatIsHere_LeavesItAsItIs()
    {
        Ensure(Zero, ShardRole.Own);
        Capture(Zero, 0, First);

        Assert.Null(EnsureGuest(Zero));

        Assert.False(Memory.HasGuests);
        Memory.ReleaseGuests();
        Assert.Equal([First], Held());
    }

    protected static SnapshotId Snapshot(long iteration) => new(new Iteration(iteration), new Epoch(1));

    protected abstract long PayloadBytesOf(Rank owner);

    /// <summary>The owner's trainer captures a snapshot into one of its slots.</summary>
    protected abstract ContentHash Capture(Rank owner, int slot, SnapshotId snapshot);

    /// <summary>A peer sends a sound copy. False: it is refused.</summary>
    protected abstract bool ReceiveFromPeer(Rank owner, SnapshotId snapshot, Epoch epoch, long keep = 0);

    /// <summary>Runs an asynchronous call to its end.</summary>
    protected abstract T Run<T>(Func<Task<T>> call);

    private void Ensure(Rank owner, ShardRole role) => Memory.EnsureShard(owner, PayloadBytesOf(owner), role);

    private string? EnsureGuest(Rank owner) => Run(() => Memory.EnsureGuestAsync(owner, PayloadBytesOf(owner), ownNeedBytes: 0, CancellationToken.None));

    private bool Verify(Rank owner, SnapshotId snapshot, ContentHash expected) =>
        Run(() => Memory.VerifyAsync(owner, snapshot, expected, CancellationToken.None));

    private SnapshotId[] Held() => [.. Memory.Inventory().Select(copy => copy.Snapshot).Order()];
}
