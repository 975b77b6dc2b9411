using Gemini.Grains.Hosting;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>The root agent looks, once a second, whether its record is still its own.</summary>
public sealed class RootAgentRecordTests : IAsyncLifetime
{
    /// <summary>Less than Orleans waits for an answer.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly JobSpec _job = new() { Name = "job", Hosts = [new("Silo_0"), new("Silo_1")], Replicas = 2 };
    private readonly ProcessStorage _storage = new();
    private readonly InProcessTestCluster _cluster;
    private readonly RecordingHostRuntime _host;

    public RootAgentRecordTests()
    {
        _host = new RecordingHostRuntime(_job.Hosts[0], _job);
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
        // A silo that stops waits for its grains' timers.
        _storage.ComeBack();
        return _cluster.DisposeAsync();
    }

    /// <summary>A commit, too, is told by a call that evaluates and does not change the record.</summary>
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
        // The next activation has heard of no host.
        while ((await Root.GetStatusAsync()).Hosts.Length > 0) await timer.WaitForNextTickAsync(bound.Token);
    }
}
