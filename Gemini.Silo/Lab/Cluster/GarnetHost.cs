using System.Globalization;
using Garnet;
using Gemini.Silo.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>The Redis-protocol server of the demo, inside of the launcher, so that nothing has to be installed.</summary>
internal sealed class GarnetHost : IDisposable
{
    private readonly GarnetServer _server;

    public const string Loopback = "127.0.0.1";

    /// <param name="port">Where it listens.</param>
    /// <param name="address">On which address.</param>
    /// <param name="directory">Where it logs every write and from where it begins; null: it keeps nothing.</param>
    /// <exception cref="BadInputException">It cannot listen.</exception>
    public GarnetHost(int port, string address = Loopback, string? directory = null)
    {
        Endpoint = string.Create(CultureInfo.InvariantCulture, $"{address}:{port}");
        try
        {
            // Membership and a few records: 64 MiB of memory and 8 MiB of index are far more than they take. Lua: the providers' writes.
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

    /// <summary>Every write is in the log, and with the operating system, before it is answered: a SIGKILL loses none.</summary>
    private static IEnumerable<string> Durable(string directory) =>
    [
        "--aof", "true", "--aof-commit-freq", "0", "--aof-commit-wait", "true", "--recover", "true",
        "--checkpointdir", directory, "--device-type", "RandomAccess",
    ];
}
