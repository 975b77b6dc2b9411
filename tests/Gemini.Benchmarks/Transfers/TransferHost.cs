using System.Net;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Benchmarks.Transfers;

/// <summary>What a silo has of the data path: memory, data port, senders and a fetcher. No grains, and no trainer.</summary>
internal sealed class TransferHost : IAsyncDisposable
{
    public const string Job = "benchmark";
    private static readonly CheckpointPolicy Policy = CheckpointPolicy.Of(CheckpointMode.Marked);
    private static readonly JobSecret Secret = new("a secret of benchmarks"u8);

    private readonly TransferOptions _options = new();
    private readonly TransferCounters _counters = new();
    private readonly HostPaths _paths;
    private readonly TrafficGate _gate;
    private readonly DataPort _port;
    private readonly DataConnector _connector;

    /// <param name="folder">The root of host memory; on a tmpfs.</param>
    /// <param name="name">The host's name.</param>
    public TransferHost(string folder, string name)
    {
        _paths = new HostPaths(folder, Job, new HostName(name));
        Memory = new HostMemory(_paths, Job, new HostMemoryOptions(), NullLogger<HostMemory>.Instance);
        Memory.Join(new JobRun(new Guid(1, 0, 0, new byte[8]), WorldSize: 1));
        var feedback = new TrafficFeedback(_options, TimeProvider.System, NullLogger<TrafficFeedback>.Instance);
        var network = new TrainingNetwork([], _options.ProfileIterations, feedback, TimeProvider.System);
        _gate = new TrafficGate(Policy, network, feedback, _options, TimeProvider.System);
        _connector = new DataConnector(Secret, Job, _options, TimeProvider.System, _counters);
        _port = new DataPort(Memory, Secret, Job, _options, TimeProvider.System, _counters, new ProbeTurn(), NullLogger<DataPort>.Instance);
        Fetcher = new ReplicaFetcher(Memory, _connector, NullLogger<ReplicaFetcher>.Instance);
    }

    public HostMemory Memory { get; }

    public ReplicaFetcher Fetcher { get; }

    /// <summary>Where the data port listens.</summary>
    public string Endpoint => _port.Endpoint.ToString();

    /// <summary>Opens the data port, and does what a silo does when it joins.</summary>
    public async Task StartAsync()
    {
        await _port.StartAsync(new IPEndPoint(IPAddress.Loopback, 0));
        await new TransferRehearsal(Policy, _options, TimeProvider.System, NullLogger<TransferRehearsal>.Instance).RunAsync(CancellationToken.None);
    }

    public ReplicaSender SendTo(string endpoint, int rank) =>
        new(Memory, new Rank(rank), new HostName("peer"), () => endpoint, _connector, _gate, NullLogger<ReplicaSender>.Instance);

    /// <summary>A slot as the rank's trainer maps it.</summary>
    public MappedSegment Slot(int rank, int slot) => MappedSegment.Open(_paths.Segment(new Rank(rank), slot));

    /// <summary>A segment that is in no inventory, for the raw socket.</summary>
    public MappedSegment Spare(int rank, long bytes) => SegmentFiles.Create(
        Path.Combine(_paths.Directory, $"spare-{rank}"), new SegmentIdentity(Job, new Rank(rank)), bytes, SegmentLayout.DefaultChunkBytes);

    public async ValueTask DisposeAsync()
    {
        await _port.DisposeAsync();
        Memory.Dispose();
    }
}
