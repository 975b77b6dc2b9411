using System.Collections.Concurrent;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;
using Orleans.Runtime;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>What the worker agent hears about snapshots, in the background.</summary>
public sealed class CaptureNoticesTests : IAsyncLifetime
{
    private static readonly Rank Rank = new(1);

    private readonly TestFolder _folder = new();
    private readonly FakeSilo _silo;
    private readonly Agent _agent = new();
    private readonly SiloConnection _connection;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly SiloCalls _calls;
    private readonly CaptureNotices _notices;
    private readonly CancellationTokenSource _epoch = new();

    public CaptureNoticesTests()
    {
        _silo = new FakeSilo(_folder);
        var options = SessionFixture.LeastOptions(_folder.Paths.TrainerSocket, lockPath: "") with
        {
            ReconnectInterval = TimeSpan.FromMilliseconds(1),
        };
        _connection = new SiloConnection(options, () => [new TrainerWarm()], _ => { }, _ => { });
        _calls = new SiloCalls(_agent, _connection, options);
        _notices = new CaptureNotices(_calls, _log.Enqueue);
    }

    public ValueTask InitializeAsync()
    {
        _connection.Start();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _notices.DisposeAsync();
        await _connection.DisposeAsync();
        _silo.Kill();
        _folder.Dispose();
        _epoch.Dispose();
    }

    [Fact]
    public async Task Notices_BeforeAndAfterTheStart_ComeInOrder()
    {
        Sealed(1);
        Skipped(2);
        _notices.Start();
        Sealed(3);
        await _agent.HearAsync(3);
        Assert.Equal(["seal 1 1@4 00000000000000ff", "skip 1 2@4", "seal 1 3@4 00000000000000ff"], _agent.Calls);
        Assert.Empty(_log);
    }

    /// <summary>Training never waits: whoever tells does not hear of a silo that hangs or is gone.</summary>
    [Fact]
    public async Task Notices_SiloIsAway_WaitForTheNextOne()
    {
        _silo.Kill();
        _notices.Start();
        Sealed(1);
        Assert.Empty(_agent.Calls);
        _silo.Start();
        await _agent.HearAsync(1);
    }

    [Fact]
    public async Task Notices_SiloCannotBeReachedForATime_AreRepeatedUntilAcknowledged()
    {
        _agent.Failures = [new TimeoutException(), new OrleansException()];
        _notices.Start();
        Sealed(1);
        Sealed(2);
        await _agent.HearAsync(4);
        Assert.Equal(["1", "1", "1", "2"], _agent.Calls.Select(call => call.Split(' ')[2].Split('@')[0]));
    }

    [Fact]
    public async Task Notices_SiloRefusesOne_IsLoggedAndTheNextIsSent()
    {
        _agent.Failures = [new InvalidOperationException("rank 1 is not here")];
        _notices.Start();
        Sealed(1);
        Skipped(2);
        await _agent.HearAsync(2);
        Assert.Equal("The silo refused a message about a snapshot: rank 1 is not here", Assert.Single(_log));
    }

    /// <summary>After the end of the epoch the silo reads the headers of the segments instead, so nobody waits for the answer.</summary>
    [Fact]
    public async Task Notices_EpochEndsDuringTheCall_TheNextEpochsNoticeIsSent()
    {
        _agent.Hangs = true;
        _notices.Start();
        Sealed(1);
        await _agent.HearAsync(1);
        _agent.Hangs = false;
        await _epoch.CancelAsync();
        using var next = new CancellationTokenSource();
        _notices.Skipped(Rank, new SnapshotId(new Iteration(9), new Epoch(5)), next.Token);
        await _agent.HearAsync(2);
        Assert.Equal("skip 1 9@5", _agent.Calls.Last());
        Assert.Empty(_log);
    }

    [Fact]
    public async Task Notices_EpochEndsWhileTheyWait_AreNotSent()
    {
        _agent.Hangs = true;
        _notices.Start();
        Sealed(1);
        await _agent.HearAsync(1);
        Sealed(2);
        Skipped(3);
        await _epoch.CancelAsync();
        using var next = new CancellationTokenSource();
        _notices.Skipped(Rank, new SnapshotId(new Iteration(9), new Epoch(5)), next.Token);
        await _agent.HearAsync(2);
        Assert.Equal(["seal 1 1@4 00000000000000ff", "skip 1 9@5"], _agent.Calls);
    }

    /// <summary>While the silo hangs, only the newest notices wait. The one in the call is not one of them.</summary>
    [Fact]
    public async Task Notices_MoreThanWait_TheOldestAreDropped()
    {
        _agent.Hangs = true;
        _notices.Start();
        Sealed(1000);
        await _agent.HearAsync(1);
        for (var iteration = 1; iteration <= 100; iteration++) Skipped(iteration);
        _agent.Release();
        await _agent.HearAsync(65);
        Assert.Equal(
            ["seal 1 1000@4 00000000000000ff", .. Enumerable.Range(37, 64).Select(iteration => $"skip 1 {iteration}@4")], _agent.Calls);
    }

    [Fact]
    public async Task Dispose_InACall_EndsAndTakesNoMoreNotices()
    {
        var notices = new CaptureNotices(_calls, _log.Enqueue);
        _agent.Hangs = true;
        notices.Start();
        notices.Skipped(Rank, Snapshot(1), _epoch.Token);
        await _agent.HearAsync(1);
        await notices.DisposeAsync().AsTask().WaitAsync(FakeSilo.Limit);
        notices.Skipped(Rank, Snapshot(2), _epoch.Token);
        Assert.Equal(["skip 1 1@4"], _agent.Calls);
        Assert.Empty(_log);
        await notices.DisposeAsync();
    }

    /// <summary>A session that ends before its first save has not started them.</summary>
    [Fact]
    public async Task Dispose_NeverStarted_Ends()
    {
        var notices = new CaptureNotices(_calls, _log.Enqueue);
        notices.Skipped(Rank, Snapshot(1), _epoch.Token);
        await notices.DisposeAsync().AsTask().WaitAsync(FakeSilo.Limit);
        Assert.Empty(_agent.Calls);
    }

    private void Sealed(long iteration) => _notices.Sealed(Rank, Snapshot(iteration), new ContentHash(0xFF), _epoch.Token);

    private void Skipped(long iteration) => _notices.Skipped(Rank, Snapshot(iteration), _epoch.Token);

    private static SnapshotId Snapshot(long iteration) => new(new Iteration(iteration), new Epoch(4));

    /// <summary>A worker agent that counts its calls, fails some of them, or hangs.</summary>
    private sealed class Agent : ISiloClient, ITrainerService
    {
        private readonly TaskCompletionSource _released = new();
        private int _calls;

        public ConcurrentQueue<string> Calls { get; } = new();

        public Exception[] Failures { get; set; } = [];

        public bool Hangs { get; set; }

        public void Release()
        {
            Hangs = false;
            _released.TrySetResult();
        }

        public Task HearAsync(int count) => Wait.UntilAsync(() => Calls.Count >= count, $"{count} calls");

        public Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash) => AnswerAsync($"seal {rank} {snapshot} {hash}");

        public Task SkipAsync(Rank rank, SnapshotId snapshot) => AnswerAsync($"skip {rank} {snapshot}");

        public Task WarmUpAsync() => throw new NotSupportedException();

        public Task<ITrainerService> AgentAsync() => Task.FromResult<ITrainerService>(this);

        public Task<TrainerMembership?> JoinAsync(int localIndex) => throw new NotSupportedException();

        public Task DeclareShardAsync(Rank rank, long payloadBytes) => throw new NotSupportedException();

        public Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after) => throw new NotSupportedException();

        public Task LoadedAsync(Rank rank, Epoch epoch) => throw new NotSupportedException();

        public Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason) => throw new NotSupportedException();

        public Task<bool> StagedAsync(SnapshotId snapshot) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async Task AnswerAsync(string call)
        {
            var index = _calls++;
            var hangs = Hangs;
            Calls.Enqueue(call);
            if (hangs) await _released.Task;
            if (index < Failures.Length) throw Failures[index];
        }
    }
}
