using System.Globalization;
using Garnet;
using Gemini.Silo.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Silo.Launching;

/// <summary>The Redis-protocol server of the demo, inside of the launcher, so that nothing has to be installed.</summary>
internal sealed class GarnetHost : IDisposable
{
    private readonly GarnetServer _server;

    public const string Loopback = "127.0.0.1";

    /// <exception cref="BadInputException">It cannot listen.</exception>
    public GarnetHost(int port, string address = Loopback)
    {
        Endpoint = string.Create(CultureInfo.InvariantCulture, $"{address}:{port}");
        try
        {
            // Membership and a few records: 64 MiB of memory and 8 MiB of index are far more than they take. Lua: the providers' writes.
            _server = new GarnetServer(
            [
                "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", address,
                "--lua", "true", "--memory", "64m", "--index", "8m", "-q",
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
}
