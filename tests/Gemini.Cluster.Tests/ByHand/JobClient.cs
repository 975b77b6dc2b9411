using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>Asks a job's root agent where it stands, like any Orleans client that knows the Redis server.</summary>
internal sealed class JobClient(string redis, string job) : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    private readonly IHost _host = Build(redis, "gemini-" + job);
    private Task? _connected;

    /// <summary>Asks until an answer satisfies the condition, and returns it.</summary>
    /// <param name="condition">On the job's status.</param>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="limit">How long.</param>
    /// <param name="logs">The ends of the logs, for the message.</param>
    public async Task<JobStatus> WaitAsync(Func<JobStatus, bool> condition, string what, TimeSpan limit, Func<string> logs)
    {
        _connected ??= _host.StartAsync();
        using var timer = new PeriodicTimer(PollInterval);
        var start = TimeProvider.System.GetTimestamp();
        JobStatus? last = null;
        while (await timer.WaitForNextTickAsync())
        {
            last = await AskAsync() ?? last;
            if (last is not null && condition(last)) return last;
            if (TimeProvider.System.GetElapsedTime(start) > limit)
                Assert.Fail($"Waited {limit.TotalSeconds:0} s in vain for: {what}.\nLast answer: {Describe(last)}\n{logs()}");
        }

        throw new InvalidOperationException("The timer was disposed of.");
    }

    public async ValueTask DisposeAsync()
    {
        using var bound = new CancellationTokenSource(AnswerLimit);
        await _host.StopAsync(bound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _host.Dispose();
    }

    private static string Describe(JobStatus? status) => status is null ? "none"
        : $"{status.Phase} ({status.Reason}), epoch {status.Epoch}, trained {status.Trained}, committed {status.Committed}, "
            + string.Join("; ", status.Hosts.Select(host => $"{host.Report.Host} alive {host.Alive} position {host.Position} silo {host.Report.SiloProcessId} "
                + string.Join(", ", host.Report.Trainers.Select(trainer => $"{trainer.State} {trainer.ProcessId}")) + $" {host.Report.Problem}"));

    private async Task<JobStatus?> AskAsync()
    {
        if (!_connected!.IsCompletedSuccessfully) return null;
        try
        {
            return await _host.Services.GetRequiredService<IClusterClient>().GetGrain<IRootAgent>(job).GetStatusAsync().WaitAsync(AnswerLimit);
        }
        catch (Exception error) when (error is TimeoutException or OrleansException or IOException or OperationCanceledException)
        {
            // Silos come and go; the next question finds another one.
            return null;
        }
    }

    private static IHost Build(string redis, string cluster)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.UseRedisClustering(options => options.ConfigurationOptions = ConfigurationOptions.Parse(redis));
            client.UseConnectionRetryFilter(RetryAsync);
            client.Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = cluster);
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = AnswerLimit);
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
        });
        return builder.Build();
    }

    /// <summary>Until the first silo is there; whoever waits for an answer has a limit of its own.</summary>
    private static async Task<bool> RetryAsync(Exception error, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        return await timer.WaitForNextTickAsync(ct);
    }
}
