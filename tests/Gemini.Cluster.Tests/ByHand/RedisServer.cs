using System.Globalization;
using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>A real <c>redis-server</c> for one test.</summary>
internal sealed class RedisServer : IDisposable
{
    private const string Program = "redis-server";

    private readonly TestFolders _folders;
    private readonly int _port;
    private WatchedProcess _process;

    private RedisServer(TestFolders folders, WatchedProcess process, int port)
    {
        (_folders, _process, _port) = (folders, process, port);
        Endpoint = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
    }

    public string Endpoint { get; }

    /// <summary>Starts a server and returns when it accepts connections. Skips the test if none is installed.</summary>
    public static async Task<RedisServer> StartAsync(TestFolders folders)
    {
        var installed = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, Program)));
        Assert.SkipUnless(installed, $"No {Program} is installed (Debian: apt install redis-server).");
        var port = TestPorts.Next();
        return new RedisServer(folders, await StartAsync(folders, port), port);
    }

    /// <summary>Sends SIGKILL and returns when the process has ended.</summary>
    public async Task KillAsync()
    {
        _process.Send(Signal.Kill);
        await _process.ExitAsync(Limits.Stop);
    }

    /// <summary>Starts the server again at the same port. It keeps nothing on disk, so it is empty.</summary>
    public async Task StartEmptyAsync()
    {
        _process.Dispose();
        _process = await StartAsync(_folders, _port);
    }

    public void Send(Signal signal) => _process.Send(signal);

    public void Dispose()
    {
        _process.Send(Signal.Kill);
        _process.Dispose();
    }

    private static async Task<WatchedProcess> StartAsync(TestFolders folders, int port)
    {
        var process = WatchedProcess.Start(
            folders, Program, "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--dir", folders.Root);
        const string Ready = "Ready to accept connections";
        await process.WaitForLineAsync(line => line.Contains(Ready, StringComparison.Ordinal), $"'{Ready}' of redis-server", Limits.Start);
        return process;
    }
}
