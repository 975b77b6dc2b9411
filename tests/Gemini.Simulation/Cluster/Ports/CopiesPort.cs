using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>Fetches a copy from another machine's memory through the network.</summary>
internal sealed class CopiesPort(World world, Silo silo) : ICopySource
{
    private const int LimitMilliseconds = 1000;

    private readonly HostMemory _memory = silo.Machine.Memory;

    public static string EndpointOf(HostName host) => $"data:{host}";

    public async Task<FetchOutcome> FetchAsync(
        string endpoint, Rank owner, SnapshotId snapshot, ContentHash expected, Epoch epoch, CancellationToken ct)
    {
        await silo.HangAsync(FaultKind.PrepareHang, ct);
        if (_memory.QuarantineUnless(owner, snapshot, expected)) silo.Memory.NoteDamaged();
        if (_memory.Find(owner, snapshot) is { } here && here.Hash == expected) return Ended(FetchResult.Completed, "");
        if (silo.Machine.Handicap == FaultKind.NoFetch) return Ended(FetchResult.LocalRefused, "it cannot fetch");
        var source = world.Machines.FirstOrDefault(machine => EndpointOf(machine.Name) == endpoint);
        if (source is null) return Ended(FetchResult.SourceFailed, "nobody knows where it is");
        if (silo.Machine.Unreachable.Contains(source.Name)) return Ended(FetchResult.SourceFailed, "it cannot be reached");
        var (isAnswered, copy) = await AskAsync(source.Name, owner, snapshot, epoch);
        ct.ThrowIfCancellationRequested();
        if (!isAnswered) return Ended(FetchResult.TimedOut, "no answer");
        if (copy is null) return Ended(FetchResult.SourceRefused, "it has no such copy");
        if (copy.IsEpochOver) return Ended(FetchResult.EpochOver, "the epoch is over at the source");
        if (copy.Hash != expected) return Ended(FetchResult.Corrupt, "it has another hash");
        await silo.Delay(world.Dice.Between(5, 50));
        ct.ThrowIfCancellationRequested();
        if (copy.Content == copy.Hash.Value) return Take(owner, snapshot, epoch, copy);
        await MakeLookAsync(source.Name, owner, snapshot, copy.Hash);
        return Ended(FetchResult.Corrupt, "its bytes do not match their hash");
    }

    private static FetchOutcome Ended(FetchResult result, string reason, long bytes = 0) => new(result, bytes, TimeSpan.Zero, reason);

    private Task<(bool IsAnswered, Copy? Copy)> AskAsync(HostName source, Rank owner, SnapshotId snapshot, Epoch epoch) =>
        silo.CallHostAsync(silo, source, LimitMilliseconds, peer => epoch < peer.Machine.Memory.EpochFloor
            ? new Copy(default, 0, IsEpochOver: true)
            : peer.Machine.Memory.Find(owner, snapshot) is { } slot ? new Copy(slot.Hash, slot.Content) : null);

    private FetchOutcome Take(Rank owner, SnapshotId snapshot, Epoch epoch, Copy copy)
    {
        var receiver = new object();
        var (slot, held) = _memory.TryReceive(receiver, owner, snapshot, epoch, snapshot.Iteration, fromPeer: false);
        var isHere = held == copy.Hash || (slot is not null && _memory.Seal(receiver, slot, epoch, copy.Hash, copy.Content));
        if (isHere) return Ended(FetchResult.Completed, "", Slot.BytesOf(owner));
        return epoch < _memory.EpochFloor ? Ended(FetchResult.EpochOver, "the epoch is over here") : Ended(FetchResult.LocalRefused, "there is no slot for it");
    }

    /// <summary>Tells the source that its copy is bad; the source then checks its copy itself.</summary>
    private Task<(bool IsAnswered, bool Answer)> MakeLookAsync(HostName source, Rank owner, SnapshotId snapshot, ContentHash hash) =>
        silo.CallHostAsync(silo, source, LimitMilliseconds, peer =>
        {
            if (!peer.Machine.Memory.Verify(owner, snapshot, hash)) peer.Machine.Memory.Quarantine(owner, snapshot);
            peer.Memory.NoteDamaged();
            return true;
        });

    private sealed record Copy(ContentHash Hash, ulong Content, bool IsEpochOver = false);
}
