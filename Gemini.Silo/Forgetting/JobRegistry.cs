using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Gemini.Silo.Forgetting;

/// <summary>What one job has in the Redis server: its membership, its grain directory, and the root agent's record.</summary>
/// <param name="connection">The server, as in a host's configuration.</param>
/// <param name="clusterId">Orleans' name of the job's cluster; every key of the job begins with it.</param>
/// <param name="time">The clock that a silo's last sign of life is compared with.</param>
internal sealed class JobRegistry(string connection, string clusterId, TimeProvider time)
{
    /// <summary>A process that listens accepts within a round trip.</summary>
    private static readonly TimeSpan DialLimit = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A silo that cannot be dialled counts as alive for this long after its last sign of life: three of its periods
    /// (<see cref="Hosting.SiloTiming"/>).
    /// </summary>
    private static readonly TimeSpan SignOfLifeLimit = TimeSpan.FromSeconds(30);

    /// <summary>The hosts that have a live silo, or a silo that may be alive.</summary>
    public async Task<IReadOnlyList<string>> LiveHostsAsync()
    {
        // Orleans treats a missing table as a broken table. A job that never ran, or was forgotten, has no table.
        await using var redis = await ConnectionMultiplexer.ConnectAsync(connection);
        if (!await redis.GetDatabase().KeyExistsAsync($"{clusterId}/members/{clusterId}")) return [];
        using var services = Build();
        var table = services.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: false);
        var members = (await table.ReadAllAsync()).Members.Select(member => member.Item1).Where(member => member.Status != SiloStatus.Dead);
        var live = await Task.WhenAll(members.Select(async member => (member.SiloName, IsAlive: await IsAliveAsync(member))));
        return [.. live.Where(member => member.IsAlive).Select(member => member.SiloName).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Deletes every key of the job and no other. Returns the keys.</summary>
    public async Task<IReadOnlyList<string>> DeleteAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(connection);
        var deleted = new List<string>();
        foreach (var server in redis.GetServers().Where(server => !server.IsReplica))
        {
            // A job's name contains no characters that have a meaning in a pattern.
            await foreach (var key in server.KeysAsync(redis.GetDatabase().Database, $"{clusterId}/*"))
            {
                if (await redis.GetDatabase().KeyDeleteAsync(key)) deleted.Add(key.ToString());
            }
        }

        return [.. deleted.Order(StringComparer.Ordinal)];
    }

    /// <summary>A process that refuses the connection is dead. For a silent process, only the age of its last sign of life tells.</summary>
    private async Task<bool> IsAliveAsync(MembershipEntry member)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(DialLimit, time);
        try
        {
            await socket.ConnectAsync((EndPoint)member.SiloAddress.Endpoint, limit.Token);
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            return time.GetUtcNow().UtcDateTime - member.IAmAliveTime < SignOfLifeLimit;
        }
    }

    /// <summary>A silo's services. They are never started; only the membership table is used.</summary>
    private IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.UseOrleans(silo =>
        {
            silo.UseRedisClustering(options => options.ConfigurationOptions = ConfigurationOptions.Parse(connection));
            silo.Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = clusterId);
        });
        return builder.Build();
    }
}
