using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Gemini.Silo.Status;

/// <summary>
/// Asks a job's root agent from outside of the cluster, through any gateway that answers. Hosts come and go meanwhile. So a question without an
/// answer in time is dropped, and the caller asks again.
/// </summary>
internal sealed class JobClient : IAsyncDisposable
{
    /// <summary>Longer than any healthy answer. A dead gateway does not answer a question at all.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(2);

    private readonly IHost _client;
    private readonly string _job;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _connected;

    /// <param name="redis">The server of the job's membership, as in a host's configuration.</param>
    /// <param name="job">The job's name.</param>
    /// <param name="clock">Measures the limits of the questions.</param>
    public JobClient(string redis, string job, TimeProvider clock)
    {
        _job = job;
        _clock = clock;
        _client = Build(redis, ClusterIdOf(job), clock);
        _connected = _client.StartAsync(_stop.Token);
    }

    /// <summary>Whether a host of the job was found; false until then.</summary>
    public bool IsConnected => _connected.IsCompletedSuccessfully;

    /// <summary>Orleans' name of the job's cluster.</summary>
    public static string ClusterIdOf(string job) => "gemini-" + job;

    /// <summary>The key of the job's members in Redis. The key does not exist before the job's first host has joined.</summary>
    public static RedisKey MembershipKeyOf(string job) =>
        RedisClusteringOptions.DefaultCreateRedisKey(new ClusterOptions { ClusterId = ClusterIdOf(job), ServiceId = ClusterIdOf(job) });

    /// <summary>Null if there was no answer in time.</summary>
    public Task<JobStatus?> AskStatusAsync(CancellationToken ct) => AskAsync(root => root.GetStatusAsync(), ct);

    /// <summary>Null if there was no answer in time.</summary>
    public Task<CommitRecord?> AskCommitRecordAsync(CancellationToken ct) => AskAsync(root => root.GetCommitRecordAsync(), ct);

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
            // The cluster is gone or never existed; nothing is lost with this client.
        }

        _client.Dispose();
        _stop.Dispose();
    }

    private async Task<T?> AskAsync<T>(Func<IRootAgent, Task<T>> question, CancellationToken ct)
        where T : class
    {
        if (!IsConnected) return null;
        try
        {
            var root = _client.Services.GetRequiredService<IClusterClient>().GetGrain<IRootAgent>(_job);
            return await question(root).WaitAsync(ResponseTimeout, _clock, ct);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            // Any failure of a question counts as no answer: the caller measures how long it has had none.
            return null;
        }
    }

    private static IHost Build(string redis, string cluster, TimeProvider clock)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.UseRedisClustering(options => options.ConfigurationOptions = ConfigurationOptions.Parse(redis));
            LocalGateways.Use(client.Services);
            client.UseConnectionRetryFilter((_, ct) => RetryAsync(clock, ct));
            client.Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = cluster);
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
            client.Configure<ConnectionOptions>(options => options.ConnectionRetryDelay = TimeSpan.FromMilliseconds(200));
        });
        return builder.Build();
    }

    /// <summary>Retries until the client is stopped. The first silo may take a while, and every caller has a limit of its own.</summary>
    private static async Task<bool> RetryAsync(TimeProvider clock, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(200), clock, ct);
        return true;
    }
}
