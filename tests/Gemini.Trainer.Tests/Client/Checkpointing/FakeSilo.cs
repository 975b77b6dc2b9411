using System.Collections.Immutable;
using System.Net.Sockets;
using System.Threading.Channels;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>A silo as a trainer sees it: a real unix socket, and a worker agent whose answers a test scripts.</summary>
internal sealed class FakeSilo : ISiloClient, ITrainerService
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly TestFolder _folder;
    private readonly Channel<TrainerMessage> _messages = Channel.CreateUnbounded<TrainerMessage>();
    private readonly Channel<RestorePoint> _points = Channel.CreateUnbounded<RestorePoint>();
    private readonly Channel<string> _calls = Channel.CreateUnbounded<string>();
    private Socket? _listener;
    private TaskCompletionSource<Socket> _accepted = new();

    public FakeSilo(TestFolder folder)
    {
        _folder = folder;
        Start();
    }

    /// <summary>Makes the next calls hang, as if the silo's machine were lost.</summary>
    public bool Hangs { get; set; }

    public void Start()
    {
        _accepted = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        File.Delete(_folder.Paths.TrainerSocket);
        _listener.Bind(new UnixDomainSocketEndPoint(_folder.Paths.TrainerSocket));
        _listener.Listen();
        _ = AcceptAsync(_listener);
    }

    public void Kill()
    {
        _listener!.Dispose();
        if (_accepted.Task.IsCompletedSuccessfully) _accepted.Task.Result.Dispose();
    }

    /// <summary>Completes when the trainer is connected.</summary>
    public Task Connected => _accepted.Task;

    public void Send(TrainerMessage message) => _accepted.Task.Result.Send(TrainerProtocol.Encode(message));

    public void SendRaw(byte[] bytes) => _accepted.Task.Result.Send(bytes);

    /// <summary>Waits for the next message of this kind; others before it are dropped.</summary>
    public async Task<T> NextAsync<T>()
        where T : TrainerMessage
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            if (await _messages.Reader.ReadAsync(limit.Token) is T message) return message;
        }
    }

    /// <summary>Waits for the next call whose text begins with this prefix.</summary>
    public async Task<string> CallAsync(string prefix)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            var call = await _calls.Reader.ReadAsync(limit.Token);
            if (call.StartsWith(prefix, StringComparison.Ordinal)) return call;
        }
    }

    public void Offer(long epoch, SnapshotId? snapshot = null, ContentHash? hash = null, int slot = -1) => _points.Writer.TryWrite(new RestorePoint
    {
        Epoch = new Epoch(epoch),
        Snapshot = snapshot,
        Hash = hash,
        LoadSlot = slot,
        Slots = [_folder.Paths.Segment(new Rank(1), 0), _folder.Paths.Segment(new Rank(1), 1)],
        RingEndpoints = ["a:1", "b:2"],
    });

    /// <summary>The job that a trainer joins.</summary>
    public JobSpec Job { get; set; } = new() { Name = TestFolder.Job, Hosts = [new("a"), new("b")] };

    public Task WarmUpAsync() => Answer("warm up", true);

    public Task<ITrainerService> AgentAsync() => Task.FromResult<ITrainerService>(this);

    public Task<TrainerMembership?> JoinAsync(int localIndex) => Answer<TrainerMembership?>(
        "join", new TrainerMembership(new Rank(1), 2, Job, new HostName("a")));

    public Task DeclareShardAsync(Rank rank, long payloadBytes)
    {
        _folder.CreateSlots(rank, payloadBytes);
        return Answer($"declare {payloadBytes}", true);
    }

    public async Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after)
    {
        await Answer($"point {after}", true);
        return await _points.Reader.ReadAsync();
    }

    public Task LoadedAsync(Rank rank, Epoch epoch) => Answer($"loaded {epoch}", true);

    /// <summary>Whether the host has another copy or snapshot to name.</summary>
    public bool HasAnotherCopy { get; set; } = true;

    public Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason) =>
        Answer($"reject {snapshot} {reason}", HasAnotherCopy);

    public Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash) => Answer($"seal {snapshot} {hash}", true);

    public Task SkipAsync(Rank rank, SnapshotId snapshot) => Answer($"skip {snapshot}", true);

    /// <summary>Whether the host has its copy of the shard that is to be persisted.</summary>
    public bool HasStaged { get; set; } = true;

    public Task<bool> StagedAsync(SnapshotId snapshot) => Answer($"staged {snapshot}", HasStaged);

    public ValueTask DisposeAsync()
    {
        Kill();
        return default;
    }

    private async Task<T> Answer<T>(string call, T answer)
    {
        _calls.Writer.TryWrite(call);
        if (Hangs) await new TaskCompletionSource().Task;
        return answer;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync();
                _accepted.TrySetResult(socket);
                _ = ReadAsync(socket);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Killed.
        }
    }

    private async Task ReadAsync(Socket socket)
    {
        try
        {
            using var reader = new StreamReader(new NetworkStream(socket));
            while (await reader.ReadLineAsync() is { } line) _messages.Writer.TryWrite(TrainerProtocol.Decode(line));
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Killed.
        }
    }
}
