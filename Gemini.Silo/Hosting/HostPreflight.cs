using System.Net;
using System.Net.Sockets;
using Gemini.Silo.Configuration;
using StackExchange.Redis;

namespace Gemini.Silo.Hosting;

/// <summary>
/// What can be known to be wrong before anything is started, said in one line each instead of in a stack trace from the
/// middle of a start.
/// </summary>
internal static class HostPreflight
{
    private const int RedisLimitMilliseconds = 3000;

    /// <exception cref="BadInputException">Something is wrong; the message names the fix.</exception>
    public static async Task CheckAsync(HostConfiguration configuration, CancellationToken ct)
    {
        CheckMemoryRoot(configuration.MemoryRoot);
        var address = IPAddress.Parse(configuration.Host.Address);
        CheckPort("host.siloPort", address, configuration.Host.SiloPort);
        CheckPort("host.gatewayPort", address, configuration.Host.GatewayPort);
        CheckPort("host.dataPort", address, configuration.Host.DataPort);
        if (configuration.Host.WebPort > 0) CheckPort("host.webPort", address, configuration.Host.WebPort);
        await CheckRedisAsync(configuration.Redis, ct);
    }

    private static void CheckMemoryRoot(string root)
    {
        try
        {
            Directory.CreateDirectory(root);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"memoryRoot {root} cannot be used: {error.Message} Name a folder on a tmpfs that this user may write.");
        }
    }

    private static void CheckPort(string property, IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new BadInputException($"{property} {port} is taken on {address}: stop the program that has it (ss -ltnp 'sport = :{port}' names it), or configure another port.");
        }
        catch (SocketException error)
        {
            throw new BadInputException($"{property} {port} cannot be opened on {address}: {error.Message}. host.address must be an address of this machine.");
        }
    }

    private static async Task CheckRedisAsync(string redis, CancellationToken ct)
    {
        try
        {
            var options = ConfigurationOptions.Parse(redis);
            options.AbortOnConnectFail = true;
            options.ConnectTimeout = RedisLimitMilliseconds;
            await using var connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(ct);
            await connection.GetDatabase().PingAsync();
        }
        catch (Exception error) when (error is RedisException or ArgumentException or FormatException)
        {
            throw new BadInputException($"Redis at {redis} cannot be reached: start one (redis-server --port 6379) or configure 'redis' with the address of a Redis, Valkey or Garnet server.");
        }
    }
}
