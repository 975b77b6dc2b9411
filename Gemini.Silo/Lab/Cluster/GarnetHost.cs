using System.Globalization;
using Garnet;
using Gemini.Silo.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>The demo's Redis-protocol server. It runs inside the launcher, so nothing has to be installed.</summary>
internal sealed class GarnetHost : IDisposable
{
    private readonly GarnetServer _server;

    public const string Loopback = "127.0.0.1";

    /// <param name="port">The port at which it listens.</param>
    /// <param name="address">The address at which it listens.</param>
    /// <param name="directory">The folder of its log of writes, from which it starts; null: it keeps nothing.</param>
    /// <exception cref="BadInputException">It cannot listen.</exception>
    public GarnetHost(int port, string address = Loopback, string? directory = null)
    {
        Endpoint = string.Create(CultureInfo.InvariantCulture, $"{address}:{port}");
        try
        {
            // It holds only membership and a few records, so 64 MiB of memory and 8 MiB of index are more than enough. Orleans' providers write with
            // Lua.
            _server = new GarnetServer(
            [
                "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", address,
                "--lua", "true", "--memory", "64m", "--index", "8m", "-q",
                .. directory is null ? [] : Durable(directory),
            ], NullLoggerFactory.Instance);
            _server.Start();
        }
        catch (Exception error)
        {
            throw new BadInputException($"The demo's Redis server cannot start on {Endpoint}: {error.Message.ReplaceLineEndings(" ")}");
        }
    }

    public string Endpoint { get; }

    public void Dispose() => _server.Dispose();

    /// <summary>Before the server answers a write, the operating system has the write in the log. So a SIGKILL loses no write.</summary>
    private static IEnumerable<string> Durable(string directory) =>
    [
        "--aof", "true", "--aof-commit-freq", "0", "--aof-commit-wait", "true", "--recover", "true",
        "--checkpointdir", directory, "--device-type", "RandomAccess",
    ];
}
