using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Configuration;

/// <summary>What a host needs from its surroundings and can be told before it starts.</summary>
internal static class HostPreflight
{
    /// <exception cref="BadInputException">The host could not run; the message names the fix.</exception>
    public static void Check(HostConfiguration configuration)
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
        (string Property, int Port)[] ports =
            [("host.siloPort", host.SiloPort), ("host.gatewayPort", host.GatewayPort), ("host.dataPort", host.DataPort), ("host.webPort", host.WebPort)];
        foreach (var (property, port) in ports.Where(port => port.Port != 0)) CheckPort(property, IPAddress.Parse(host.Address), port);
        // Last: a start that fails for another reason leaves no folder.
        CheckMemory(configuration.Paths);
    }

    /// <summary>Makes the folders of this host's memory, and refuses them if another user could reach what is in them.</summary>
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

    private static void CheckPort(string property, IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
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
            throw new BadInputException($"{property} {port} on {address} cannot be listened on: {error.Message}; check host.address and the port.");
        }
    }
}
