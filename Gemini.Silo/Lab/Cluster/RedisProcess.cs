using System.Diagnostics;
using System.Globalization;
using System.Net;
using Gemini.Silo.Configuration;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// A Redis server in a process of its own, with an append-only file. So it can be killed and comes back with its data. It is a real
/// <c>redis-server</c> if one is installed, else this program's own (<c>gemini drill redis</c>, Garnet).
/// </summary>
internal sealed class RedisProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly int _port;
    private readonly string _directory;
    private readonly string _logPath;
    private readonly TimeProvider _clock;
    private Process? _process;

    /// <param name="port">Where it listens on loopback.</param>
    /// <param name="directory">The folder of its files; made if it is missing.</param>
    /// <param name="logPath">The file for its output.</param>
    /// <param name="clock">Paces the wait for it.</param>
    public RedisProcess(int port, string directory, string logPath, TimeProvider clock)
    {
        (_port, _directory, _logPath, _clock) = (port, Directory.CreateDirectory(directory).FullName, logPath, clock);
        Endpoint = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
    }

    public static string Program => Installed() ?? "gemini drill redis (Garnet; no redis-server is installed)";

    public string Endpoint { get; }

    /// <summary>Starts the server and returns when it answers.</summary>
    /// <exception cref="LabException">The server ends, or does not answer within 30 s.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        var port = _port.ToString(CultureInfo.InvariantCulture);
        var start = Installed() is { } program
            ? GeminiProgram.Logged(
                program, ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir", _directory], _logPath)
            : GeminiProgram.StartInfo(["drill", "redis", "--port", port, "--directory", _directory], _logPath);
        start.RedirectStandardInput = true;
        _process = Process.Start(start) ?? throw new LabException("The Redis server cannot be started.");
        var started = _clock.GetTimestamp();
        // Only a connection is tried. To find out whether the port is in use, this process would have to take it, and the server might find it taken.
        while (await RedisDial.AskAsync(new IPEndPoint(IPAddress.Loopback, _port), StartLimit, _clock, ct) != RedisDial.Pong)
        {
            if (_clock.GetElapsedTime(started) > StartLimit || _process.HasExited)
                throw new LabException($"The Redis server does not answer at {Endpoint}; see {_logPath}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), _clock, ct);
        }
    }

    /// <summary>SIGKILL; returns when the process has ended.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process) return;
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false } process) process.Kill();
        _process?.Dispose();
    }

    private static string? Installed() => ProgramFile.Find("redis-server");
}
