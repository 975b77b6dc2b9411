using Gemini.Grains.Hosting;
using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;
using Gemini.Silo.Lab.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;
using StackExchange.Redis;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>The root agent's record, read and written from outside of the cluster as the silos' own storage does it.</summary>
public sealed class RecordStoreTests : IAsyncLifetime
{
    private static readonly RootRecord Record = new() { Epoch = new Epoch(7), ShardBytes = [100, 200] };

    private GarnetHost _redis = null!;
    private IHost _silo = null!;
    private IGrainStorage _storage = null!;
    private RecordStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HostConfiguration Configuration => new()
    {
        Job = new JobConfiguration { Name = "job", Hosts = ["a", "b"] },
        Host = new HostIdentityConfiguration { Name = "a" },
        Redis = _redis.Endpoint,
    };

    public async ValueTask InitializeAsync()
    {
        _redis = new GarnetHost(TestPorts.Next());
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.UseOrleans(silo => silo.AddGeminiSilo(Configuration));
        _silo = builder.Build();
        _storage = _silo.Services.GetRequiredKeyedService<IGrainStorage>(GeminiGrains.RecordStorage);
        var lifecycle = new Starts();
        ((ILifecycleParticipant<ISiloLifecycle>)_storage).Participate(lifecycle);
        foreach (var start in lifecycle.All) await start.OnStart(Token);
        _store = await RecordStore.OpenAsync(
            Configuration, _silo.Services.GetRequiredService<IGrainStorageSerializer>(), TimeProvider.System, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        if (_silo is IAsyncDisposable silo) await silo.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task Read_NoRootAgentHasEverComeUp_IsNone() => Assert.Null(await _store.ReadAsync());

    [Fact]
    public async Task Read_WhatASiloWrote_IsThatRecord()
    {
        await WriteAsSiloAsync(new GrainState<RootRecord>(Record));
        var read = (await _store.ReadAsync())!.Value.Record;
        Assert.Equal((Record.Epoch, 300L), (read.Epoch, read.ShardBytes.Sum()));
    }

    /// <summary>A value of 0 arrives too, if it is not the default. Otherwise a host would be refused by its own job.</summary>
    [Theory]
    [InlineData(CheckpointMode.Gemini, 0)]
    [InlineData(CheckpointMode.Gemini, 50)]
    [InlineData(CheckpointMode.HighFreq, 50)]
    public async Task Read_TheSpecification_IsThatOfTheHosts(CheckpointMode mode, int baselineInterval)
    {
        var job = (Configuration with
        {
            Job = Configuration.Job with { CheckpointMode = mode, BaselineInterval = baselineInterval },
            Storage = new() { Directory = "/storage" },
        }).ToJobSpec();
        await WriteAsSiloAsync(new GrainState<RootRecord>(Record with { Spec = job }));
        Assert.Equal(job.Fingerprint(), (await _store.ReadAsync())!.Value.Record.Spec!.Fingerprint());
    }

    /// <summary>A silo reads what was written here. And a silo that has read before finds out that its record is old, so it overwrites nothing.</summary>
    [Fact]
    public async Task Write_IsWhatSilosRead_AndASiloWithTheOldRecordCannotWrite()
    {
        var old = new GrainState<RootRecord>(Record);
        await WriteAsSiloAsync(old);
        var known = (await _store.ReadAsync())!.Value;
        Assert.True(await _store.TryWriteAsync(known.Record with { Epoch = new Epoch(8) }, known.Etag));

        var state = new GrainState<RootRecord>();
        await _storage.ReadStateAsync(RootAgent.RecordName, RootAgent.GrainIdOf("job"), state);
        Assert.Equal(new Epoch(8), state.State!.Epoch);
        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => WriteAsSiloAsync(old));
        await WriteAsSiloAsync(state);
    }

    [Fact]
    public async Task Write_SomebodyElseHasWritten_ChangesNothing()
    {
        await WriteAsSiloAsync(new GrainState<RootRecord>(Record));
        var known = (await _store.ReadAsync())!.Value;
        Assert.True(await _store.TryWriteAsync(Record with { Epoch = new Epoch(8) }, known.Etag));
        Assert.False(await _store.TryWriteAsync(Record with { Epoch = new Epoch(9) }, known.Etag));
        var now = (await _store.ReadAsync())!.Value;
        Assert.Equal(new Epoch(8), now.Record.Epoch);
        Assert.NotEqual(known.Etag, now.Etag);
    }

    /// <summary>Without a record there is nothing to change: the job has not started yet.</summary>
    [Fact]
    public async Task Write_ThereIsNoRecord_MakesNone()
    {
        Assert.False(await _store.TryWriteAsync(Record, "an etag"));
        Assert.Null(await _store.ReadAsync());
    }

    [Fact]
    public async Task Bounded_ServerDoesNotAnswer_IsOneLineWithoutThePassword()
    {
        var time = new FakeTimeProvider();
        var configuration = Configuration with { Redis = "10.0.0.1:6379,10.0.0.2:6379,password=swordfish" };
        var work = RecordStore.BoundedAsync(configuration, () => new TaskCompletionSource<int>().Task, time);
        time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.False(work.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));
        var error = await Assert.ThrowsAsync<BadInputException>(() => work.WaitAsync(Wait.Limit, Token));
        Assert.StartsWith("redis 10.0.0.1:6379 and 10.0.0.2:6379 does not answer (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("The job's record is there; start the server or correct the address.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("swordfish", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bounded_ServerRefuses_IsOneLineWithItsWords()
    {
        var error = await Assert.ThrowsAsync<BadInputException>(() => RecordStore.BoundedAsync(
            Configuration, () => Task.FromException<int>(new RedisException("MOVED\nto another server")), TimeProvider.System));
        Assert.StartsWith($"redis {_redis.Endpoint} does not answer (MOVED to another server). ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bounded_MistakeOfThisProgram_IsNotBlamedOnRedis() => await Assert.ThrowsAsync<InvalidOperationException>(
        () => RecordStore.BoundedAsync(Configuration, () => Task.FromException<int>(new InvalidOperationException("a mistake")), TimeProvider.System));

    private Task WriteAsSiloAsync(GrainState<RootRecord> state) => _storage.WriteStateAsync(RootAgent.RecordName, RootAgent.GrainIdOf("job"), state);

    /// <summary>Collects what the storage does when its silo starts.</summary>
    private sealed class Starts : ISiloLifecycle
    {
        public List<ILifecycleObserver> All { get; } = [];

        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            All.Add(observer);
            return new MemoryStream();
        }
    }
}
