using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>One host of a transfer: memory, data port, and the parts that connect to other hosts. Real sockets, loopback.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    /// <summary>The secret of the job in every test.</summary>
    public static readonly JobSecret Secret = new("a secret for tests only"u8);

    /// <summary>The name of the host to which the senders of these tests send.</summary>
    public static readonly HostName Holder = new("holder");

    /// <summary>A gate that is always open.</summary>
    public static readonly TrafficGate OpenGate =
        NewGate(CheckpointMode.Marked, new TransferOptions(), TimeProvider.System);

    private readonly List<ReplicaSender> _senders = [];

    public TestHost(
        int chunkBytes = TestMemory.ChunkBytes, JobSecret? secret = null, string job = TestMemory.Job, TransferOptions? options = null,
        Func<Socket>? openSocket = null, TimeProvider? time = null)
    {
        Files = new TestMemory(chunkBytes);
        Options = options ?? new TransferOptions();
        Connector = new DataConnector(secret ?? Secret, job, Options, time ?? TimeProvider.System, Counters, openSocket);
        Port = NewPort(secret, job);
        Fetcher = new ReplicaFetcher(Memory, Connector, NullLogger<ReplicaFetcher>.Instance);
    }

    /// <summary>The gate of a host without trainers.</summary>
    public static TrafficGate NewGate(CheckpointMode mode, TransferOptions options, TimeProvider time)
    {
        var feedback = NewFeedback(options, time);
        return new TrafficGate(CheckpointPolicy.Of(mode), new TrainingNetwork([], 1, feedback, time), feedback, options, time);
    }

    public static TrafficFeedback NewFeedback(TransferOptions options, TimeProvider time) => new(options, time, NullLogger<TrafficFeedback>.Instance);

    public TestMemory Files { get; }

    public HostMemory Memory => Files.Memory;

    public TransferOptions Options { get; }

    public TransferCounters Counters { get; } = new();

    public DataConnector Connector { get; }

    public ProbeTurn Turn { get; } = new();

    public DataPort Port { get; }

    public ReplicaFetcher Fetcher { get; }

    public string Endpoint => Port.Endpoint.ToString();

    public DataPort NewPort(JobSecret? secret = null, string job = TestMemory.Job) =>
        new(Memory, secret ?? Secret, job, Options, TimeProvider.System, Counters, Turn, NullLogger<DataPort>.Instance);

    public async Task<TestHost> ListenAsync(int port = 0)
    {
        await Port.StartAsync(new IPEndPoint(IPAddress.Loopback, port));
        return this;
    }

    /// <summary>A sender of this host, disposed with it.</summary>
    public ReplicaSender SendTo(string endpoint, int owner = 0) => SendTo(() => endpoint, owner);

    /// <summary>A sender of this host to a holder whose data port may change, disposed with it.</summary>
    public ReplicaSender SendTo(Func<string> endpoint, int owner = 0)
    {
        var sender = new ReplicaSender(Memory, new Rank(owner), Holder, endpoint, Connector, OpenGate, NullLogger<ReplicaSender>.Instance);
        _senders.Add(sender);
        return sender;
    }

    /// <summary>What makes the senders of a host with this name.</summary>
    public ReplicaSenders NewSenders(TrafficGate gate, string self = "owner") =>
        new(new HostName(self), Memory, Connector, Turn, gate, NullLogger<ReplicaSender>.Instance);

    public async ValueTask DisposeAsync()
    {
        foreach (var sender in _senders) await sender.DisposeAsync();
        await Port.DisposeAsync();
        Files.Dispose();
    }
}
