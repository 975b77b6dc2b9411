using System.IO.Hashing;
using System.Net;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Silo.Transfer;

/// <summary>
/// Sends a few tiny snapshots from this process to itself and fetches one back, with senders, data port and memory of their own. So the code of both sides
/// is compiled before the first transfer that matters. Without this, the first replica took two to ten times as long as a later one.
/// </summary>
/// <param name="policy">What the job's checkpoint mode means.</param>
/// <param name="options">The limits of transfers.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class TransferRehearsal(CheckpointPolicy policy, TransferOptions options, TimeProvider time, ILogger<TransferRehearsal> logger)
{
    private const string Job = "rehearsal";
    private const int ChunkBytes = 64 * 1024;
    private const long PayloadBytes = 8 * ChunkBytes;

    /// <summary>The later ones also run what only a connection that was used before does.</summary>
    private const int Replicas = 3;

    private static readonly Rank Owner = new(0);
    private static readonly Epoch Epoch = new(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = logger;
    private readonly JobSecret _secret = JobSecret.Generate();
    private readonly TransferCounters _counters = new();

    /// <summary>A failure is logged, and its only effect is that the first transfer is slower.</summary>
    /// <param name="ct">Ends it.</param>
    public async Task RunAsync(CancellationToken ct)
    {
        if (!policy.RecoversFromMemory) return;
        try
        {
            var folder = Directory.CreateTempSubdirectory("gemini-rehearsal-");
            try
            {
                await RehearseAsync(folder.FullName, ct);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
        catch (Exception error)
        {
            LogFailed(error.Message);
        }
    }

    private async Task RehearseAsync(string folder, CancellationToken ct)
    {
        using var source = Memory(folder, "source", ShardRole.Own);
        using var target = Memory(folder, "target", ShardRole.Held);
        await using var port = new DataPort(target, _secret, Job, options, time, _counters, new ProbeTurn(), NullLogger<DataPort>.Instance);
        await port.StartAsync(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = port.Endpoint.ToString();
        var connector = new DataConnector(_secret, Job, options, time, _counters, isMarked: policy.IsMarked);
        var hash = default(ContentHash);
        await using (var sender = Sender(source, connector, endpoint))
        {
            for (var iteration = 1; iteration <= Replicas; iteration++) hash = await ReplicateAsync(source, sender, Snapshot(iteration), ct);
        }

        source.DiscardAll();
        var fetcher = new ReplicaFetcher(source, connector, NullLogger<ReplicaFetcher>.Instance);
        var outcome = await fetcher.FetchAsync(endpoint, Owner, Snapshot(Replicas), hash, Epoch, ct);
        if (!outcome.IsCompleted) LogFailed(outcome.Reason);
    }

    private ReplicaSender Sender(HostMemory source, DataConnector connector, string endpoint)
    {
        var feedback = new TrafficFeedback(options, time, NullLogger<TrafficFeedback>.Instance);
        var gate = new TrafficGate(policy, new TrainingNetwork([], options.ProfileIterations, feedback, time), feedback, options, time);
        return new ReplicaSender(source, Owner, new HostName("target"), () => endpoint, connector, gate, NullLogger<ReplicaSender>.Instance);
    }

    private async Task<ContentHash> ReplicateAsync(HostMemory source, ReplicaSender sender, SnapshotId snapshot, CancellationToken ct)
    {
        ContentHash hash;
        using (var slot = MappedSegment.Open(source.SlotsOf(Owner, null).Slots[snapshot.Iteration.Value % HostPaths.SlotCount]))
        {
            slot.BeginWrite(snapshot);
            for (var chunk = 0; chunk < slot.ChunkCount; chunk++) slot.ChunkHashes[chunk] = XxHash3.HashToUInt64(slot.Chunk(chunk));
            hash = slot.Seal();
        }

        var acked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnAcked(SnapshotId acknowledged) => acked.TrySetResult();
        sender.Acked += OnAcked;
        sender.Offer(snapshot, Epoch, new Iteration(snapshot.Iteration.Value - 1));
        await acked.Task.WaitAsync(Limit, time, ct);
        sender.Acked -= OnAcked;
        return hash;
    }

    private static SnapshotId Snapshot(long iteration) => new(new Iteration(iteration), Epoch);

    private static HostMemory Memory(string folder, string host, ShardRole role)
    {
        var memory = new HostMemory(
            new HostPaths(folder, Job, new HostName(host)), Job, new HostMemoryOptions(), NullLogger<HostMemory>.Instance, ChunkBytes);
        memory.EnsureShard(Owner, PayloadBytes, role);
        return memory;
    }

    [LoggerMessage(EventIds.RehearsalFailed, LogLevel.Information, "The rehearsal of a transfer failed, so the first transfer may be slower: {Reason}")]
    private partial void LogFailed(string reason);
}
