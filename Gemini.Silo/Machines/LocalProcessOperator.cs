using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using Gemini.Grains.Machines;
using Gemini.Interfaces.Files;
using Gemini.Silo.Configuration;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Machines;

/// <summary>
/// For hosts that are processes of this machine. Starts <c>gemini host --config FOLDER/HOST.json</c> again, and waits until it listens. The new
/// process does not depend on this host: it has a session and a log of its own, and outlives the host that started it.
/// </summary>
/// <remarks>
/// If a process of the lost host still runs, frozen or cut off, it is not killed. It may keep the last copy of something, and the person who froze it
/// may want it back. The attempt fails and says how to end the process.
/// </remarks>
/// <param name="configurations">The folder of the configuration files.</param>
/// <param name="time">Measures pauses.</param>
/// <param name="program">How to start a host, from the path of its configuration and the path of its log.</param>
internal sealed class LocalProcessOperator(string configurations, TimeProvider time, Func<string, string, ProcessStartInfo> program) : IMachineOperator
{
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(200);

    public LocalProcessOperator(string configurations, TimeProvider time)
        : this(configurations, time, (path, log) => GeminiProgram.Detached(["host", "--config", path], log))
    {
    }

    public async Task<MachineOutcome> BringUpAsync(MachineOrder order, Action<string> say, CancellationToken ct)
    {
        var path = Path.GetFullPath(Path.Combine(configurations, order.Host.Value + ".json"));
        if (!File.Exists(path)) return MachineOutcome.Failed($"the file {path} does not exist; write one like the samples in deploy/hosts");
        HostConfiguration configuration;
        try
        {
            configuration = HostSettings.Read(path, HostEnvironment.Shared()).Configuration;
        }
        catch (BadInputException bad)
        {
            return MachineOutcome.Failed(bad.Message);
        }

        if (Mistake(configuration, order) is { } mistake) return MachineOutcome.Failed($"{path}: {mistake}");
        var log = Path.Combine(configuration.Logs, configuration.Host.Name, "host.log");
        HostProcesses.Found process;
        try
        {
            (process, var word) = FindOrStart(path, log);
            say($"pid {process.Id} {word}, log {log}");
        }
        catch (Exception error) when (error is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return MachineOutcome.Failed($"it cannot be started: {error.Message}");
        }

        return process.Age > order.MissingFor
            ? MachineOutcome.Failed($"{order.Host} is lost, but its process {process.Id} still runs, frozen or cut off; end it: kill -9 {process.Id}")
            : await WaitAsync(process.Id, configuration, log, ct);
    }

    private static string? Mistake(HostConfiguration configuration, MachineOrder order) => configuration switch
    {
        _ when configuration.HostName != order.Host => $"host.name is \"{configuration.Host.Name}\"; name it \"{order.Host}\"",
        _ when configuration.Job.Name != order.Job => $"job.name is \"{configuration.Job.Name}\"; name it \"{order.Job}\"",
        { StopWhenInputEnds: true } => "stopWhenInputEnds is set, so the host would stop at once; remove it",
        _ => null,
    };

    private (HostProcesses.Found Process, string Word) FindOrStart(string path, string log)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(log)!, PrivateFolder.Mode);
        // Another root agent on this machine may be about to start the same host. One of the two fails here, and finds the process at its next
        // attempt.
        using var only = PrivateFile.OpenOrCreate(log + ".lock");
        if (!PrivateFile.TryLock(only)) throw new IOException($"{log}.lock is held: another root agent of this machine starts the host.");
        if (HostProcesses.With(path) is { } running) return (running, "was there");
        var start = program(path, log);
        HostEnvironment.RemoveOwn(start.Environment);
        using var process = Process.Start(start)!;
        return (new HostProcesses.Found(process.Id, TimeSpan.Zero), "is started");
    }

    private async Task<MachineOutcome> WaitAsync(int id, HostConfiguration configuration, string log, CancellationToken ct)
    {
        while (ProcessTools.IsRunning(id))
        {
            if (await ListensAsync(configuration.Host, ct)) return MachineOutcome.Accepted($"pid {id} listens");
            await Task.Delay(PollPeriod, time, ct);
        }

        return MachineOutcome.Failed($"pid {id} ended: {(File.Exists(log) ? File.ReadLines(log).LastOrDefault() : "no log")}");
    }

    /// <summary>Whether the host's silo listens. Its configuration is then known to work.</summary>
    private static async Task<bool> ListensAsync(HostIdentityConfiguration host, CancellationToken ct)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(host.Address, host.SiloPort, ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
