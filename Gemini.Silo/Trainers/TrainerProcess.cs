using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>
/// A trainer process that this silo started. Its output goes to files that the process itself has open, never through a
/// pipe: it must be able to write when the silo is gone.
/// </summary>
internal sealed class TrainerProcess : IDisposable
{
    /// <summary>A log that is longer when a trainer starts is moved aside first, so that the logs stay bounded.</summary>
    private const long MaxLogBytes = 16 << 20;

    private const int TailBytes = 4096;

    // "exec" keeps the process id: what dies is the trainer, not a shell around it.
    private const string Script = """out=$1; err=$2; shift 2; exec "$@" </dev/null >>"$out" 2>>"$err" """;

    private readonly Process _process;
    private readonly long _errorStart;

    private TrainerProcess(Process process, string errorLog, long errorStart)
    {
        _process = process;
        _errorStart = errorStart;
        ErrorLog = errorLog;
        Id = process.Id;
        Exited = process.WaitForExitAsync();
    }

    public int Id { get; }

    public string ErrorLog { get; }

    /// <summary>Completes when the process has ended; never faults.</summary>
    public Task Exited { get; }

    /// <summary>Valid after <see cref="Exited"/>. Killed by signal S: 128 + S.</summary>
    public int ExitCode => _process.ExitCode;

    /// <param name="host">How.</param>
    /// <param name="localIndex">Which of the host's trainers.</param>
    /// <param name="spare">Its number as a spare; 0 for a trainer.</param>
    /// <exception cref="IOException">The log directory cannot be written.</exception>
    public static TrainerProcess Start(TrainerHost host, int localIndex, int spare = 0)
    {
        var options = host.Options;
        Directory.CreateDirectory(options.LogDirectory, PrivateFolder.Mode);
        var name = string.Create(CultureInfo.InvariantCulture, $"trainer-{localIndex}");
        var output = PrepareLog(Path.Combine(options.LogDirectory, name + ".out.log"));
        var errors = PrepareLog(Path.Combine(options.LogDirectory, name + ".err.log"));
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, WorkingDirectory = options.WorkingDirectory ?? "" };
        string[] arguments = ["-c", Script, name, output, errors, options.Command, .. options.Arguments];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (key, value) in options.Environment) start.Environment[key] = value;
        foreach (var (key, value) in Variables(options, host.Paths, host.Host.Value, host.Job.Name, localIndex)) start.Environment[key] = value;
        if (spare > 0) start.Environment[TrainerEnvironment.Spare] = spare.ToString(CultureInfo.InvariantCulture);
        var errorStart = new FileInfo(errors).Length;
        return new TrainerProcess(Process.Start(start)!, errors, errorStart);
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    /// <summary>The last line that this process wrote to its standard error; empty when it wrote none.</summary>
    public string LastErrorLine()
    {
        try
        {
            using var stream = new FileStream(ErrorLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Position = Math.Max(_errorStart, stream.Length - TailBytes);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            return reader.ReadToEnd().Split('\n').LastOrDefault(line => !string.IsNullOrWhiteSpace(line))?.Trim() ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    public void Dispose() => _process.Dispose();

    private static string PrepareLog(string path)
    {
        var file = new FileInfo(path);
        if (file is { Exists: true, Length: > MaxLogBytes }) file.MoveTo(path + ".1", overwrite: true);
        // Losses and paths of a job are nobody else's business. The shell appends to the file that is made here.
        PrivateFile.OpenOrCreate(path).Dispose();
        return Path.GetFullPath(path);
    }

    private static Dictionary<string, string> Variables(TrainerOptions options, HostPaths paths, string host, string job, int localIndex) => new()
    {
        [TrainerEnvironment.Socket] = paths.TrainerSocket,
        [TrainerEnvironment.LockFile] = paths.TrainerLock(localIndex),
        [TrainerEnvironment.LocalIndex] = localIndex.ToString(CultureInfo.InvariantCulture),
        [TrainerEnvironment.Gateway] = options.Gateway,
        [TrainerEnvironment.ClusterId] = options.ClusterId,
        [TrainerEnvironment.ServiceId] = options.ServiceId,
        [TrainerEnvironment.Host] = host,
        [TrainerEnvironment.Job] = job,
        [TrainerEnvironment.SecretFile] = options.SecretFile,
        [TrainerEnvironment.RingAddress] = options.RingAddress,
    };
}
