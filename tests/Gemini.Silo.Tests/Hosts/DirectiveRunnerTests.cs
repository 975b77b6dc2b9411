using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Tests.Persistence;
using Gemini.Silo.Tests.Transfer;
using Gemini.Silo.Trainers;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Silo.Tests.Hosts;

/// <summary>Directives on a host at position 0, over real memory and a store in plain memory. No trainer runs.</summary>
public sealed class DirectiveRunnerTests : IAsyncLifetime
{
    private static readonly HostName Host = new("host-a");
    private static readonly SnapshotId Newest = TestMemory.Snapshot(5);

    private readonly StorageFixture _test = new();
    private readonly TestHost _network = new();
    private readonly CancellationTokenSource _stop = new();
    private Replicator _replicator = null!;
    private DirectiveRunner _runner = null!;
    private Task _running = Task.CompletedTask;

    private HostState State => _test.State;

    public ValueTask InitializeAsync()
    {
        var (memory, job) = (_test.Memory.Memory, StorageFixture.Job);
        // The supervisor is never started, so no trainer answers a stop, and each wait for one is in vain.
        var vain = TimeSpan.FromMilliseconds(1);
        var options = new TrainerOptions
        {
            Command = "x",
            LogDirectory = "x",
            Gateway = "x",
            ClusterId = "x",
            ServiceId = "x",
            StopLimit = vain,
            KillLimit = vain,
        };
        var trainers = new TrainerSupervisor(job, Host, _test.Memory.Paths, options, TimeProvider.System, NullLogger<TrainerSupervisor>.Instance);
        var links = new ReplicaSenders(Host, memory, _network.Connector, _network.Turn, TestHost.OpenGate, NullLogger<ReplicaSender>.Instance);
        var copies = new ReplicaFetcher(memory, _network.Connector, NullLogger<ReplicaFetcher>.Instance);
        // There is no root agent to report to, and no background work.
        var ports = new WorkerAgentPorts(memory, trainers, links, copies, _test.Storage, ControlPlane: null!, Background: null!);
        _replicator = new Replicator(memory, State, links);
        _runner = new DirectiveRunner(job, Host, State, ports, _replicator, new RestoreLog(TimeProvider.System), TimeProvider.System, NullLogger.Instance);
        var loop = new HostLoop("Carrying out directives", _runner.CarryOutAsync) { Failed = _runner.OnFailed };
        _running = Task.Run(() => HostLoop.RunAsync([loop], TimeProvider.System, NullLogger.Instance, _stop.Token));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _test.Store.Hang?.TrySetResult();
        await _running;
        _runner.Dispose();
        await _replicator.DisposeAsync();
        await _network.DisposeAsync();
        await _test.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task StorageReadHangs_ANewerEpoch_IsTakenUpAtOnce()
    {
        _test.Start();
        await _test.PersistAsync(Newest);
        _test.Direct(null, epoch: 2, step: DirectiveStep.Halt);
        await Wait.UntilAsync(() => _test.Storage.StoreReport!.LookedIn == new Epoch(2), "a look into the store");
        var hash = Assert.Single(_test.Storage.StoreReport!.Complete).Shards[0].Hash;
        _test.Memory.Memory.DiscardAll();
        _test.Store.Hang = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Direct(2, DirectiveStep.Prepare, StorageFixture.Shard(hash));
        await Wait.UntilAsync(() => _test.Store.Reads == 1, "the read to begin");

        Direct(3, DirectiveStep.Halt, StorageFixture.Shard(hash));

        await UntilDoneAsync(3, DirectiveStep.Halt);
        Assert.Equal(0, _test.Store.ReadsEnded);
        Assert.Null(State.Problem);
    }

    /// <summary>At any moment the scrub, or a peer that fetched the copy, may find it bad.</summary>
    [Fact]
    public async Task CopyIsGivenUp_BetweenPrepareAndRun_NoTrainerIsSentToIt_AndANewPlanIsAskedFor()
    {
        var hash = _test.Memory.Capture(StorageFixture.Own, 0, Newest);
        var shard = StorageFixture.Shard() with { Hash = hash, Sources = [Host] };
        Direct(2, DirectiveStep.Prepare, shard);
        await UntilDoneAsync(2, DirectiveStep.Prepare);
        _test.Memory.Memory.Quarantine(StorageFixture.Own, Newest, "chunk 3 does not match its hash");

        Direct(2, DirectiveStep.Run, shard);

        var run = new DirectiveVersion(new Epoch(2), DirectiveStep.Run);
        await Wait.UntilAsync(() => State.NeedsNewPlan == run, "the wish for a new plan");
        Assert.Null(State.HandRestorePoint(StorageFixture.Own, default, processId: 1));
    }

    [Fact]
    public async Task CopyIsThere_TheTrainerIsSentToItsSlot()
    {
        var hash = _test.Memory.Capture(StorageFixture.Own, 1, Newest);
        var shard = StorageFixture.Shard() with { Hash = hash, Sources = [Host] };
        Direct(2, DirectiveStep.Prepare, shard);
        await UntilDoneAsync(2, DirectiveStep.Prepare);
        Direct(2, DirectiveStep.Run, shard);
        await Wait.UntilAsync(() => State.HandRestorePoint(StorageFixture.Own, default, processId: 1) is { LoadSlot: 1 }, "the restore point");
    }

    private void Direct(long epoch, DirectiveStep step, ShardDirective shard)
    {
        var isNewEpoch = State.Directive.Version.Epoch.Value < epoch;
        State.Take(new HostDirective
        {
            Version = new DirectiveVersion(new Epoch(epoch), step),
            Position = new HostPosition(0),
            Restore = Newest,
            Own = [shard],
        });
        _runner.Wake(isNewEpoch);
    }

    private Task UntilDoneAsync(long epoch, DirectiveStep step)
    {
        var version = new DirectiveVersion(new Epoch(epoch), step);
        return Wait.UntilAsync(() => State.Done == version, $"{version}; done is {State.Done}, problem: {State.Problem}");
    }
}
