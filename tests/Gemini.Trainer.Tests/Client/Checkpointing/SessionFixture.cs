using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>One session, its state and its silo.</summary>
internal sealed class SessionFixture : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private GeminiSession? _session;

    public SessionFixture() => Silo = new FakeSilo(_folder);

    public TestState State { get; } = new();

    public FakeSilo Silo { get; }

    public ConcurrentQueue<string> Log { get; } = new();

    public TaskCompletionSource<int> Exited { get; } = new();

    public GeminiSession Session => _session!;

    public GeminiOptions Options => LeastOptions(_folder.Paths.TrainerSocket, _folder.Paths.TrainerLock(0)) with
    {
        Launch = new() { Program = "0123456789abcdef" },
        SlotWait = TimeSpan.FromMilliseconds(200),
        ReconnectInterval = TimeSpan.FromMilliseconds(10),
        SiloAbsenceLimit = TimeSpan.FromSeconds(20),
        ExitGrace = TimeSpan.FromMilliseconds(50),
        Check = true,
        Log = Log.Enqueue,
        ExitProcess = code => Exited.TrySetResult(code),
    };

    /// <summary>What a trainer cannot do without.</summary>
    public static GeminiOptions LeastOptions(string socketPath, string lockPath) => new()
    {
        SocketPath = socketPath,
        LockPath = lockPath,
        LocalIndex = 0,
        Host = "a",
        Gateway = "127.0.0.1:1",
        ClusterId = "test",
        ServiceId = "test",
        RingEndpoint = "x:9",
    };

    public async Task StartAsync(GeminiOptions? options = null)
    {
        _session = await GeminiSession.JoinAsync(options ?? Options, _ => Silo, CancellationToken.None).WaitAsync(FakeSilo.Limit);
        await Silo.Connected.WaitAsync(FakeSilo.Limit);
    }

    /// <summary>Enters an epoch with a fresh start.</summary>
    public async Task EnterAsync(long epoch)
    {
        Silo.Offer(epoch);
        Assert.Null(await Session.RestoreAsync(State.State).WaitAsync(FakeSilo.Limit));
    }

    /// <summary>One iteration: sets the state of that iteration, saves it and passes the capture wait.</summary>
    public async Task<SaveHandle> SaveAsync(long iteration)
    {
        State.Set(iteration);
        var handle = Session.Save(iteration, State.State);
        await Session.WaitForCaptureAsync().AsTask().WaitAsync(FakeSilo.Limit);
        return handle;
    }

    public async Task<TrainerCapturing> NextCaptureAsync(long epoch)
    {
        while (true)
        {
            if (await Silo.NextAsync<TrainerCapturing>() is var message && message.Epoch == epoch) return message;
        }
    }

    public MappedSegment OpenSlot(int slot) => MappedSegment.Open(_folder.Paths.Segment(new Rank(1), slot));

    public ContentHash HashOf(int slot)
    {
        using var segment = OpenSlot(slot);
        return segment.Hash;
    }

    public unsafe void FlipPayload(int slot)
    {
        using var segment = OpenSlot(slot);
        segment.Payload[(3 << 19) + 1] ^= 1;
    }

    /// <summary>Changes a sealed copy as if it were of a state in which a tensor has another name of the same length.</summary>
    public void RewriteHeader(int slot, string name, string other)
    {
        using var segment = OpenSlot(slot);
        var payload = Enumerable.Range(0, segment.ChunkCount).SelectMany(index => segment.Chunk(index).ToArray()).ToArray();
        Encoding.UTF8.GetBytes(other).CopyTo(payload, payload.AsSpan().IndexOf(Encoding.UTF8.GetBytes(name)));
        segment.BeginWrite(segment.Snapshot);
        var written = 0;
        for (var index = 0; index < segment.ChunkCount; index++)
        {
            var chunk = segment.Chunk(index);
            payload.AsSpan(written, chunk.Length).CopyTo(chunk);
            segment.ChunkHashes[index] = XxHash3.HashToUInt64(chunk);
            written += chunk.Length;
            segment.AdvanceCaptured(written);
        }

        segment.Seal();
    }

    public static async Task CancelledAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(FakeSilo.Limit, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
        Silo.Kill();
        State.Dispose();
        _folder.Dispose();
    }
}
