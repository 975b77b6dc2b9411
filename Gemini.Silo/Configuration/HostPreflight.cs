using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Configuration;

/// <summary>Checks, before a host starts, what the host needs from its environment.</summary>
internal static class HostPreflight
{
    /// <summary>Checks this machine, and that the job's Redis server answers. A host that could not run leaves no folder behind.</summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <param name="redisWait">How long to wait for a Redis server that is not up yet.</param>
    /// <param name="say">Receives a line about each wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Ends the checks.</param>
    /// <exception cref="BadInputException">The host could not run; the message names the fix.</exception>
    public static async Task CheckAsync(
        HostConfiguration configuration, TimeSpan redisWait, Action<string> say, TimeProvider time, CancellationToken ct)
    {
        Check(configuration);
        try
        {
            await RedisWait.EnsureAsync(end => RedisProbe.EnsureReachableAsync(configuration.Redis, time, end), redisWait, say, time, ct);
        }
        catch (Exception)
        {
            configuration.Paths.RemoveEmptyDirectories();
            throw;
        }
    }

    private static void Check(HostConfiguration configuration)
    {
        OpenFileLimit.Require();
        _ = TrainerLocator.Locate(configuration.Trainer);
        UsablePaths.RequireWritableFolder("logs", configuration.Logs);
        try
        {
            _ = JobSecret.Load(configuration.SecretFile);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"secretFile: {error.Message}");
        }

        var host = configuration.Host;
        (string Property, IPEndPoint Endpoint)[] ports =
        [
            ("host.siloPort", host.EndpointOf(host.SiloPort)), ("host.gatewayPort", host.GatewayListeningEndpoint()),
            ("host.dataPort", host.DataEndpoint()), ("host.webPort", host.EndpointOf(host.WebPort)),
        ];
        foreach (var (property, endpoint) in ports.Where(port => port.Endpoint.Port != 0)) CheckPort(property, endpoint);
        // Last, so that a start that fails for another reason leaves no folder.
        CheckMemory(configuration.Paths);
    }

    /// <summary>Makes the folders of this host's memory, and refuses them if another user could reach their contents.</summary>
    private static void CheckMemory(HostPaths paths)
    {
        try
        {
            paths.EnsureDirectory();
            if (PrivateFolder.ProblemInside(paths.Directory) is { } problem) throw new BadInputException($"memoryRoot: {problem}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"memoryRoot: {error.Message}");
        }
    }

    private static void CheckPort(string property, IPEndPoint endpoint)
    {
        var (address, port) = (endpoint.Address, endpoint.Port);
        using var listener = new TcpListener(endpoint);
        try
        {
            listener.Start();
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new BadInputException($"{property} {port} on {address} is taken by another process; stop it (ss -ltnp shows it) or choose another port.");
        }
        catch (SocketException error)
        {
            throw new BadInputException(
                $"{property} {port} on {address} cannot be listened on: {error.Message}; check {AddressOf(property)} and the port.");
        }
    }

    private static string AddressOf(string port) => port == "host.dataPort" ? "host.checkpointAddress, or host.address if that is not set" : "host.address";
}
