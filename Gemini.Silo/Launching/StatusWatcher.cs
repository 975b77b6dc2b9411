using System.Runtime.CompilerServices;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Gemini.Silo.Launching;

/// <summary>
/// Asks the root agent for the job's status, again and again, from outside of the cluster. Hosts come and go while it does: a question
/// that finds no answer in time is dropped and asked again through whatever gateway is there.
/// </summary>
internal sealed class StatusWatcher : IAsyncDisposable
{
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Longer than any healthy answer; a question to a dead gateway is not answered at all.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(2);

    private readonly IHost _client;
    private readonly string _job;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _connected;

    /// <param name="configuration">Any host's configuration of the job.</param>
    /// <param name="clock">Paces the questions.</param>
    public StatusWatcher(HostConfiguration configuration, TimeProvider clock)
    {
        _job = configuration.Job.Name;
        _clock = clock;
        _client = Build(configuration);
        _connected = _client.StartAsync(_stop.Token);
    }

    /// <summary>One item per question: the answer, or null when there was none.</summary>
    public async IAsyncEnumerable<JobStatus?> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var timer = new PeriodicTimer(PollInterval, _clock);
        while (await timer.WaitForNextTickAsync(ct)) yield return await AskAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(2), _clock);
        try
        {
            await _connected;
            await _client.StopAsync(bound.Token);
        }
        catch (Exception)
        {
            // The cluster is gone or was never there; nothing is lost with this client.
        }

        _client.Dispose();
        _stop.Dispose();
    }

    private async Task<JobStatus?> AskAsync(CancellationToken ct)
    {
        if (!_connected.IsCompletedSuccessfully) return null;
        try
        {
            var root = _client.Services.GetRequiredService<IClusterClient>().GetGrain<IRootAgent>(_job);
            return await root.GetStatusAsync().WaitAsync(ResponseTimeout, _clock, ct);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            // Any failure of one question is an answer that is missing: the caller counts how long it has been without one.
            return null;
        }
    }

    private static IHost Build(HostConfiguration configuration)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.UseRedisClustering(options => options.ConfigurationOptions = ConfigurationOptions.Parse(configuration.Redis));
            client.UseConnectionRetryFilter(RetryAsync);
            client.Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = configuration.ClusterId);
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
            client.Configure<ConnectionOptions>(options => options.ConnectionRetryDelay = TimeSpan.FromMilliseconds(200));
        });
        return builder.Build();
    }

    /// <summary>Until somebody stops the client: the first silo may take a while, and the demo has its own bound on waiting.</summary>
    private static async Task<bool> RetryAsync(Exception error, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
        return true;
    }
}
