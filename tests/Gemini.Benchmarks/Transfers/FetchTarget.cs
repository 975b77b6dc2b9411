using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Lab.Cluster;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Benchmarks.Transfers;

/// <summary>What the process of a replacement measured. Rates are in GB/s, over all shards.</summary>
/// <param name="Fetches">The rate of each fetch, until the snapshot is sealed in this host's memory.</param>
/// <param name="Loads">The rate until the trainers' tensors hold it.</param>
/// <param name="Raw">The rate of a raw socket, after each of them.</param>
/// <param name="Copies">The rate until the bytes of the raw socket were copied to the tensors.</param>
/// <param name="AllocatedKiB">What each fetch allocated on the heap. A serialiser would at least allocate the bytes.</param>
internal sealed record FetchSample(
    ImmutableArray<double> Fetches, ImmutableArray<double> Loads, ImmutableArray<double> Raw, ImmutableArray<double> Copies,
    ImmutableArray<double> AllocatedKiB);

/// <summary>A host that takes the place of a lost one, and its trainers: it fetches the shards of all its ranks at once, each from another peer.</summary>
/// <param name="folder">The root of host memory; on a tmpfs.</param>
/// <param name="bytes">What is fetched in all.</param>
/// <param name="sources">From how many peers.</param>
internal sealed class FetchTarget(string folder, long bytes, int sources)
{
    private readonly List<double> _fetches = [];
    private readonly List<double> _loads = [];
    private readonly List<double> _raw = [];
    private readonly List<double> _copies = [];
    private readonly List<double> _allocated = [];

    public async Task<FetchSample> MeasureAsync(int fetches)
    {
        await using var host = new TransferHost(folder, "target");
        await host.StartAsync();
        var shards = new List<Shard>();
        for (var rank = 0; rank < sources; rank++) shards.Add(await Shard.OpenAsync(host, folder, rank, bytes / sources));
        for (var fetch = 0; fetch < fetches; fetch++)
        {
            var (allocated, begun) = (GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
            await Task.WhenAll(shards.Select(shard => shard.FetchAsync(host)));
            _fetches.Add(RateSince(begun));
            _allocated.Add((GC.GetTotalAllocatedBytes() - allocated) / 1024.0);
            await InThreadsAsync(shards, shard => shard.Load());
            _loads.Add(RateSince(begun));
            foreach (var shard in shards) shard.Discard();

            begun = Stopwatch.GetTimestamp();
            await InThreadsAsync(shards, shard => shard.Pull());
            _raw.Add(RateSince(begun));
            await InThreadsAsync(shards, shard => shard.Copy());
            _copies.Add(RateSince(begun));
        }

        foreach (var shard in shards) shard.Dispose();
        return new FetchSample([.. _fetches], [.. _loads], [.. _raw], [.. _copies], [.. _allocated]);
    }

    private double RateSince(long begun) => bytes / Stopwatch.GetElapsedTime(begun).TotalSeconds / 1e9;

    /// <summary>Each rank has a trainer of its own.</summary>
    private static Task InThreadsAsync(List<Shard> shards, Action<Shard> run) =>
        Task.WhenAll(shards.Select(shard => Task.Factory.StartNew(() => run(shard), TaskCreationOptions.LongRunning)));

    /// <summary>One rank: its source, its slots, its tensors, and what the raw socket needs.</summary>
    private sealed class Shard(
        int rank, TransferPeer source, Socket raw, MappedSegment rawTarget, MappedSegment[] slots, NativeTensors tensors, ShardImage image) : IDisposable
    {
        public static async Task<Shard> OpenAsync(TransferHost host, string folder, int rank, long bytes)
        {
            var source = await TransferPeer.StartAsync(TransferCommand.PeerArguments(folder, $"source-{rank}", bytes, rank, shards: 1, isSource: true));
            var tensors = new NativeTensors(bytes);
            var image = tensors.Image();
            host.Memory.EnsureShard(new Rank(rank), image.Layout.PayloadBytes, ShardRole.Own);
            var slots = Enumerable.Range(0, HostPaths.SlotCount).Select(slot => host.Slot(rank, slot)).ToArray();
            return new Shard(
                rank, source, RawSocket.Connect(source.Address.RawPort), host.Spare(rank, image.Layout.PayloadBytes), slots, tensors, image);
        }

        private ContentHash Hash => new(source.Address.Hash);

        public async Task FetchAsync(TransferHost host)
        {
            var outcome = await host.Fetcher.FetchAsync(
                source.Address.DataPort, new Rank(rank), Snapshots.First, Hash, Snapshots.First.Epoch, CancellationToken.None);
            if (!outcome.IsCompleted) throw new LabException($"the fetch failed: {outcome.Reason}");
        }

        public void Load()
        {
            var slot = slots.Single(slot => slot.State == SegmentState.Sealed);
            if (ShardLoader.Load(slot, TransferHost.Job, new Rank(rank), Snapshots.First, Hash, image) is { } problem)
                throw new LabException($"the copy could not be loaded: {problem}");
        }

        /// <summary>The next fetch finds nothing here.</summary>
        public void Discard() => slots.Single(slot => slot.State == SegmentState.Sealed).Free();

        public void Pull() => RawSocket.Pull(raw, rank, rawTarget);

        public unsafe void Copy()
        {
            var from = rawTarget.Payload + image.Layout.HeaderBytes;
            foreach (var (address, length) in tensors.All)
            {
                Buffer.MemoryCopy(from, (void*)address, length, length);
                from += length;
            }
        }

        public void Dispose()
        {
            raw.Dispose();
            source.Dispose();
            rawTarget.Dispose();
            foreach (var slot in slots) slot.Dispose();
            image.Dispose();
            tensors.Dispose();
        }
    }
}
