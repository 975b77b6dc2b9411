using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Transfer;

namespace Gemini.Benchmarks.Transfers;

/// <summary>What the process of a shard's owner measured. Rates are in GB/s, over all streams.</summary>
/// <param name="Transfers">The rate of each replication, in their order, until the last peer has acknowledged.</param>
/// <param name="Raw">The rate of a raw socket, after each of them.</param>
/// <param name="CpuSecondsPerGigabyte">Processor time of this process for the replications.</param>
/// <param name="RawCpuSecondsPerGigabyte">The same for the raw socket.</param>
internal sealed record ReplicateSample(
    ImmutableArray<double> Transfers, ImmutableArray<double> Raw, double CpuSecondsPerGigabyte, double RawCpuSecondsPerGigabyte);

/// <summary>The host whose shards are replicated: a process that offers one snapshot after the other to its peers.</summary>
/// <param name="folder">The root of host memory; on a tmpfs.</param>
/// <param name="bytes">What each peer gets in one replication.</param>
/// <param name="streams">How many shards these bytes are; each has a connection to each peer.</param>
/// <param name="peers">How many peers.</param>
internal sealed class ReplicateOwner(string folder, long bytes, int streams, int peers)
{
    private readonly List<TransferPeer> _peers = [];
    private readonly List<ReplicaSender> _senders = [];
    private readonly List<(Socket Socket, int Rank)> _raw = [];

    public async Task<ReplicateSample> MeasureAsync(int replications)
    {
        var shardBytes = bytes / streams;
        await using var host = new TransferHost(folder, "owner");
        await host.StartAsync();
        var ranks = Enumerable.Range(0, streams).ToArray();
        foreach (var rank in ranks) host.Memory.EnsureShard(new Rank(rank), shardBytes, ShardRole.Own);
        var indices = Enumerable.Range(0, HostPaths.SlotCount);
        var slots = ranks.Select(rank => indices.Select(slot => Filled(host, rank, slot)).ToArray()).ToArray();
        for (var peer = 0; peer < peers; peer++)
        {
            var arguments = TransferCommand.PeerArguments(folder, $"peer-{peer}", shardBytes, firstRank: 0, streams, isSource: false);
            _peers.Add(await TransferPeer.StartAsync(arguments));
        }

        foreach (var (peer, rank) in _peers.SelectMany(peer => ranks.Select(rank => (peer, rank))))
        {
            _senders.Add(host.SendTo(peer.Address.DataPort, rank));
            _raw.Add((RawSocket.Connect(peer.Address.RawPort), rank));
        }

        FirstIteration.Compute([.. slots.SelectMany(segments => segments).Select(State)]);
        var (transfers, raw, cpu, rawCpu) = (new List<double>(), new List<double>(), TimeSpan.Zero, TimeSpan.Zero);
        for (var iteration = 1; iteration <= replications; iteration++)
        {
            var slot = iteration % HostPaths.SlotCount;
            foreach (var segments in slots) Snapshots.Seal(segments[slot], Snapshots.Of(iteration));
            cpu += await MeasureAsync(transfers, () => ReplicateAsync(iteration));
            rawCpu += await MeasureAsync(raw, () => PushAsync(rank => slots[rank][slot]));
        }

        foreach (var sender in _senders) await sender.DisposeAsync();
        foreach (var (socket, _) in _raw) socket.Dispose();
        foreach (var peer in _peers) peer.Dispose();
        foreach (var segment in slots.SelectMany(segments => segments)) segment.Dispose();
        var gigabytes = replications * peers * bytes / 1e9;
        return new ReplicateSample([.. transfers], [.. raw], cpu.TotalSeconds / gigabytes, rawCpu.TotalSeconds / gigabytes);
    }

    private async Task<TimeSpan> MeasureAsync(List<double> rates, Func<Task> transfer)
    {
        var before = Environment.CpuUsage.TotalTime;
        var begun = Stopwatch.GetTimestamp();
        await transfer();
        rates.Add(peers * bytes / Stopwatch.GetElapsedTime(begun).TotalSeconds / 1e9);
        return Environment.CpuUsage.TotalTime - before;
    }

    private Task ReplicateAsync(int iteration) => Task.WhenAll(_senders.Select(async sender =>
    {
        var acked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sender.Acked += OnAcked;
        sender.Offer(Snapshots.Of(iteration), new Epoch(1), new Iteration(iteration - 1));
        await acked.Task;
        sender.Acked -= OnAcked;

        void OnAcked(SnapshotId snapshot)
        {
            if (snapshot == Snapshots.Of(iteration)) acked.SetResult();
        }
    }));

    private Task PushAsync(Func<int, MappedSegment> source) => Task.WhenAll(_raw.Select(stream =>
        Task.Factory.StartNew(() => RawSocket.Push(stream.Socket, stream.Rank, source(stream.Rank)), TaskCreationOptions.LongRunning)));

    private static unsafe (nint Address, long Bytes) State(MappedSegment segment) => ((nint)segment.Payload, segment.PayloadBytes);

    private static MappedSegment Filled(TransferHost host, int rank, int slot)
    {
        var segment = host.Slot(rank, slot);
        Snapshots.Fill(segment, (rank * HostPaths.SlotCount) + slot);
        return segment;
    }
}
