using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>What the worker agent requires of the way by which own shards get to a holder, in each implementation.</summary>
public abstract class ReplicaLinkContract
{
    protected static readonly Rank Zero = new(0);
    protected static readonly HostName Holder = new("h2");

    private static readonly SnapshotId First = Snapshot(1);
    private static readonly SnapshotId Second = Snapshot(2);
    private static readonly SnapshotId Third = Snapshot(3);

    /// <summary>From the owner's host to the holder, for the shard of rank 0.</summary>
    protected abstract IReplicaLink Link { get; }

    protected abstract IHostMemory OwnersMemory { get; }

    protected abstract IHostMemory HoldersMemory { get; }

    /// <summary>Size of rank 0's shard.</summary>
    protected abstract long PayloadBytes { get; }

    [Fact]
    public async Task Offered_TheHolderSealsItWithTheSameHash()
    {
        EnsureBoth();
        var hash = Capture(slot: 0, First);

        Link.Offer(First, First.Epoch, Iteration.Zero);

        await HeldAsync(First);
        Assert.Equal(hash, Assert.Single(HoldersMemory.Inventory()).Hash);
        await UntilAsync(() => Link.Problem is null, "no problem");
    }

    [Fact]
    public async Task HolderHasNoSlotForIt_IsAProblem_UntilItHas()
    {
        OwnersMemory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        Capture(slot: 0, First);
        var changes = 0;
        Link.ProblemChanged += () => Interlocked.Increment(ref changes);

        Link.Offer(First, First.Epoch, Iteration.Zero);

        await UntilAsync(() => Link.Problem is not null, "a problem");
        Assert.Equal((Zero, Holder), (Link.Problem!.Owner, Link.Problem.Holder));
        Assert.NotEqual("", Link.Problem.Reason);
        HoldersMemory.EnsureShard(Zero, PayloadBytes, ShardRole.Held);
        await HeldAsync(First);
        await UntilAsync(() => Link.Problem is null, "the end of the problem");
        await UntilAsync(() => Volatile.Read(ref changes) >= 2, "the news of both");
    }

    [Fact]
    public async Task NewerOffer_ReplacesAnOlderOne()
    {
        await OfferInVainAsync(First);
        Capture(slot: 1, Second);

        Link.Offer(Second, Second.Epoch, Iteration.Zero);
        HoldersMemory.EnsureShard(Zero, PayloadBytes, ShardRole.Held);

        await HeldAsync(Second);
        Assert.Equal([Second], Held());
    }

    [Fact]
    public async Task Withdrawn_IsNotSentAnyMore()
    {
        await OfferInVainAsync(First);
        Capture(slot: 1, Second);

        Link.Withdraw(Second);
        Link.Withdraw(First);
        HoldersMemory.EnsureShard(Zero, PayloadBytes, ShardRole.Held);
        Link.Offer(Second, Second.Epoch, Iteration.Zero);

        await HeldAsync(Second);
        Assert.Equal([Second], Held());
    }

    [Fact]
    public async Task Reset_DropsTheOffer_AndOffersOfEarlierEpochsAreIgnored()
    {
        await OfferInVainAsync(First);
        Capture(slot: 1, Second);

        Link.Reset(new Epoch(3));
        Assert.Null(Link.Problem);
        Link.Offer(First, new Epoch(2), Iteration.Zero);
        HoldersMemory.EnsureShard(Zero, PayloadBytes, ShardRole.Held);
        Link.Offer(Second, new Epoch(3), Iteration.Zero);

        await HeldAsync(Second);
        Assert.Equal([Second], Held());
    }

    [Fact]
    public async Task OlderThanWhatTheHolderHas_IsIgnored_UntilAReset()
    {
        EnsureBoth();
        Capture(slot: 0, First);
        Capture(slot: 1, Second);
        Link.Offer(Second, Second.Epoch, Iteration.Zero);
        await HeldAsync(Second);

        Link.Offer(First, First.Epoch, Iteration.Zero);
        Link.Reset(new Epoch(2));
        Link.Offer(First, new Epoch(2), Iteration.Zero);

        await HeldAsync(First);
        Assert.Equal([First, Second], Held());
    }

    [Fact]
    public async Task HoldersSlotsAreFull_TheKeptIterationStays()
    {
        EnsureBoth();
        Capture(slot: 0, First);
        Link.Offer(First, First.Epoch, Iteration.Zero);
        await HeldAsync(First);
        Capture(slot: 1, Second);
        Link.Offer(Second, Second.Epoch, Iteration.Zero);
        await HeldAsync(Second);
        Capture(slot: 1, Third);

        Link.Offer(Third, Third.Epoch, keep: First.Iteration);

        await HeldAsync(Third);
        Assert.Equal([First, Third], Held());
    }

    [Fact]
    public async Task OwnersCopyIsRotten_TheHolderSealsNothing_AndTheOwnersHostGivesItsCopyUp()
    {
        EnsureBoth();
        Capture(slot: 0, First);
        RotAtOwner(slot: 0);

        Link.Offer(First, First.Epoch, Iteration.Zero);

        await UntilAsync(() => OwnersMemory.Inventory().IsEmpty, "the bad copy to be quarantined");
        Assert.Empty(HoldersMemory.Inventory());
    }

    protected static SnapshotId Snapshot(long iteration) => new(new Iteration(iteration), new Epoch(1));

    /// <summary>The owner's trainer captures a snapshot of rank 0.</summary>
    protected abstract ContentHash Capture(int slot, SnapshotId snapshot);

    /// <summary>A bit of the payload in this slot of the owner's host flips.</summary>
    protected abstract void RotAtOwner(int slot);

    /// <summary>Lets time pass until the condition holds.</summary>
    protected abstract Task UntilAsync(Func<bool> condition, string what);

    private void EnsureBoth()
    {
        OwnersMemory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        HoldersMemory.EnsureShard(Zero, PayloadBytes, ShardRole.Held);
    }

    /// <summary>The holder has no slot yet, and the link has noticed.</summary>
    private async Task OfferInVainAsync(SnapshotId snapshot)
    {
        OwnersMemory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        Capture(slot: 0, snapshot);
        Link.Offer(snapshot, snapshot.Epoch, Iteration.Zero);
        await UntilAsync(() => Link.Problem is not null, "a problem");
    }

    private Task HeldAsync(SnapshotId snapshot) => UntilAsync(() => Held().Contains(snapshot), $"{snapshot} at the holder");

    private SnapshotId[] Held() => [.. HoldersMemory.Inventory().Select(copy => copy.Snapshot).Order()];
}
