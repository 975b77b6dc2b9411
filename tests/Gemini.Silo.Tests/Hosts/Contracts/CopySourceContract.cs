using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>What the worker agent requires of the way by which copies come from other hosts, in each implementation.</summary>
public abstract class CopySourceContract
{
    protected static readonly Rank Zero = new(0);

    private static readonly SnapshotId First = Snapshot(1);
    private static readonly SnapshotId Second = Snapshot(2);

    /// <summary>Fetches into <see cref="Target"/>.</summary>
    protected abstract ICopySource Copies { get; }

    /// <summary>The memory of the host that is asked.</summary>
    protected abstract IHostMemory Source { get; }

    /// <summary>The memory of the host that fetches.</summary>
    protected abstract IHostMemory Target { get; }

    /// <summary>Where the source answers.</summary>
    protected abstract string Endpoint { get; }

    /// <summary>Where no host answers.</summary>
    protected abstract string NobodysEndpoint { get; }

    [Fact]
    public void HeldBySource_IsSealedHere_AndKeepsItsEpoch()
    {
        Ensure();
        var hash = Capture(atSource: true, slot: 1, First);

        var outcome = Fetch(First, hash, epoch: 3);

        Assert.Equal((FetchResult.Completed, PayloadBytes), (outcome.Result, outcome.Bytes));
        var copy = Assert.Single(Target.Inventory());
        Assert.Equal((Zero, First, hash), (copy.Owner, copy.Snapshot, copy.Hash));
        Assert.Equal(First, Assert.Single(Source.Inventory()).Snapshot);
    }

    [Fact]
    public void HeldHereAlready_CompletesWithoutAByte_WhetherTheSourceLivesOrNot()
    {
        Ensure();
        var hash = Capture(atSource: false, slot: 0, First);

        var outcome = Fetch(First, hash, epoch: 3, from: NobodysEndpoint);

        Assert.Equal((FetchResult.Completed, 0L), (outcome.Result, outcome.Bytes));
    }

    [Fact]
    public void NotHeldBySource_IsRefused()
    {
        Ensure();
        Capture(atSource: true, slot: 0, First);

        Assert.Equal(FetchResult.SourceRefused, Fetch(Second, new ContentHash(5), epoch: 3).Result);
        Assert.Empty(Target.Inventory());
    }

    [Fact]
    public void SourceHasAnotherHash_IsCorrupt_AndBothKeepWhatTheyHold()
    {
        Ensure();
        var hash = Capture(atSource: true, slot: 0, Second);
        Capture(atSource: false, slot: 0, First);

        var outcome = Fetch(Second, new ContentHash(hash.Value ^ 1), epoch: 3);

        Assert.Equal(FetchResult.Corrupt, outcome.Result);
        Assert.Equal(First, Assert.Single(Target.Inventory()).Snapshot);
        Assert.Equal(Second, Assert.Single(Source.Inventory()).Snapshot);
    }

    [Fact]
    public void SourcesBytesAreRotten_IsCorrupt_NothingIsSealed_AndTheSourceGivesItsCopyUp()
    {
        Ensure();
        var hash = Capture(atSource: true, slot: 0, First);
        RotAtSource(slot: 0);

        var outcome = Fetch(First, hash, epoch: 3);

        Assert.Equal(FetchResult.Corrupt, outcome.Result);
        Assert.Empty(Target.Inventory());
        Assert.Empty(Source.Inventory());
    }

    [Fact]
    public void OwnCopyHasAnotherHash_IsQuarantined_AndTheRightOneFetched()
    {
        Ensure();
        var hash = Capture(atSource: true, slot: 0, First);
        MistakeOwnHash(slot: 0, First);
        var told = 0;
        Target.Damaged += () => told++;

        Assert.Equal(FetchResult.Completed, Fetch(First, hash, epoch: 3).Result);
        Assert.Equal(hash, Assert.Single(Target.Inventory()).Hash);
        Assert.Equal(1, told);
    }

    [Fact]
    public void NobodyAnswers_TheSourceHasFailed()
    {
        Ensure();

        Assert.Equal(FetchResult.SourceFailed, Fetch(First, new ContentHash(5), epoch: 3, from: NobodysEndpoint).Result);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EpochIsOver_AtTheSourceOrHere_IsStale(bool atSource)
    {
        Ensure();
        var hash = Capture(atSource: true, slot: 0, First);
        (atSource ? Source : Target).RaiseEpochFloor(new Epoch(4));

        Assert.Equal(FetchResult.EpochOver, Fetch(First, hash, epoch: 3).Result);
        Assert.Empty(Target.Inventory());
    }

    [Fact]
    public void ShardIsNotResidentHere_IsRefusedHere()
    {
        Source.EnsureShard(Zero, PayloadBytes, ShardRole.Held);
        var hash = Capture(atSource: true, slot: 0, First);

        Assert.Equal(FetchResult.LocalRefused, Fetch(First, hash, epoch: 3).Result);
    }

    [Fact]
    public void Cancelled_Throws_AndNothingIsSealed()
    {
        Ensure();
        var hash = Capture(atSource: true, slot: 0, First);
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => Fetch(First, hash, epoch: 3, ct: stop.Token));
        Assert.Empty(Target.Inventory());
    }

    protected static SnapshotId Snapshot(long iteration) => new(new Iteration(iteration), new Epoch(1));

    /// <summary>Size of rank 0's shard.</summary>
    protected abstract long PayloadBytes { get; }

    /// <summary>The owner's trainer, at the source or here, captures a snapshot of rank 0.</summary>
    protected abstract ContentHash Capture(bool atSource, int slot, SnapshotId snapshot);

    /// <summary>A bit of the payload in this slot of the source flips.</summary>
    protected abstract void RotAtSource(int slot);

    /// <summary>This host seals a copy of rank 0 whose hash is wrong.</summary>
    protected abstract void MistakeOwnHash(int slot, SnapshotId snapshot);

    /// <summary>Runs an asynchronous call to its end.</summary>
    protected abstract T Run<T>(Func<Task<T>> call);

    private void Ensure()
    {
        Source.EnsureShard(Zero, PayloadBytes, ShardRole.Held);
        Target.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
    }

    private FetchOutcome Fetch(SnapshotId snapshot, ContentHash expected, int epoch, string? from = null, CancellationToken ct = default) =>
        Run(() => Copies.FetchAsync(from ?? Endpoint, Zero, snapshot, expected, new Epoch(epoch), ct));
}
