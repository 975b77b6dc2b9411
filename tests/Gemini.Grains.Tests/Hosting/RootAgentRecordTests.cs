using Gemini.Grains.Hosting;
using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>Once a second, the root agent checks whether the stored record is still its own.</summary>
public sealed class RootAgentRecordTests : IAsyncLifetime
{
    /// <summary>Shorter than Orleans waits for an answer.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly JobSpec _job = new() { Name = "job", Hosts = [new("Silo_0"), new("Silo_1")], Replicas = 2 };
    private readonly ProcessStorage _storage = new();
    private readonly InProcessTestCluster _cluster;
    private readonly RecordingAgent _host;

    public RootAgentRecordTests()
    {
        _host = new RecordingAgent(_job.Hosts[0], _job);
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((options, silo) =>
        {
            silo.AddJob(_job, options.SiloName);
            silo.Services.AddKeyedSingleton<IGrainStorage>(GeminiGrains.RecordStorage, _storage);
        });
        _cluster = builder.Build();
    }

    private IRootAgent Root => _cluster.Client.GetGrain<IRootAgent>(_job.Name);

    public async ValueTask InitializeAsync()
    {
        await _cluster.DeployAsync();
        await Root.ReportAsync(_host.Report());
    }

    public ValueTask DisposeAsync()
    {
        // A silo that stops waits for its grains' timers, so the store must answer.
        _storage.ComeBack();
        return _cluster.DisposeAsync();
    }

    /// <summary>A commit also reaches the root agent by a call that evaluates and does not change the record.</summary>
    [Fact]
    public async Task StoreDoesNotAnswer_ReportsAreAnsweredAllTheSame()
    {
        await _storage.GoAway().WaitAsync(Limit);

        await Root.ReportAsync(_host.Report()).WaitAsync(Limit);

        Assert.Equal(_host.Host, Assert.Single((await Root.GetStatusAsync()).Hosts).Report.Host);
    }

    [Fact]
    public async Task AnotherActivationWroteTheRecord_ThisOneLeaves()
    {
        _storage.Overwrite();

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var bound = new CancellationTokenSource(Limit);
        // The next activation has no report of any host.
        while ((await Root.GetStatusAsync()).Hosts.Length > 0) await timer.WaitForNextTickAsync(bound.Token);
    }

    /// <summary>Such as a decision that waited for the store, which then came back empty.</summary>
    [Fact]
    public async Task RecordIsLost_ADecisionComesBeforeThatIsNoticed_IsWritten_AndTheAgentStays()
    {
        _storage.Lose();

        var epoch = await BeginEpochAsync();

        Assert.Equal(epoch, Stored.Epoch);
        Assert.Equal(2, (await Root.GetStatusAsync()).Hosts.Length);
    }

    /// <summary>The grain directory was lost as well, and another root agent came up before this one had written its record again.</summary>
    [Fact]
    public async Task RecordIsLost_AnotherRootAgentBeganOneWithoutEpoch_IsWrittenBack_AndTheAgentStays()
    {
        var epoch = await BeginEpochAsync();

        _storage.Begin(RootAgent.RecordName, Root.GetGrainId(), new RootRecord());

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var bound = new CancellationTokenSource(Limit);
        while (Stored.Epoch != epoch) await timer.WaitForNextTickAsync(bound.Token);
        Assert.Equal(2, (await Root.GetStatusAsync()).Hosts.Length);
    }

    private RootRecord Stored => _storage.Get<RootRecord>(RootAgent.RecordName, Root.GetGrainId());

    /// <summary>The last host of the job reports, and the first epoch begins.</summary>
    private async Task<Epoch> BeginEpochAsync()
    {
        await Root.ReportAsync(new RecordingAgent(_job.Hosts[1], _job).Report());
        var epoch = (await Root.GetStatusAsync()).Epoch;
        Assert.NotEqual(default, epoch);
        return epoch;
    }
}
