using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>A silo process, as its launcher sees it. Disposing ends it.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    /// <summary>The last lines of its log are enough to see what is wrong.</summary>
    private const int LogCharactersMax = 4000;

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly StringBuilder _log = new();

    private SiloProcess(string name, Process process) => (Name, _process) = (name, process);

    public string Name { get; }

    /// <summary>Starts the process and waits until its silo is a member of the cluster.</summary>
    /// <exception cref="LabException">It ended, or did not come up in time.</exception>
    public static async Task<SiloProcess> StartAsync(PlayedSiloSettings settings, TimeSpan limit, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [ControlPlaneCommand.SiloName])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var silo = new SiloProcess(settings.Name, Process.Start(start)!);
        silo._process.ErrorDataReceived += (_, line) => silo.Log(line.Data);
        silo._process.BeginErrorReadLine();
        await silo.TellAsync(JsonSerializer.Serialize(settings));
        await silo.ReadAsync(limit, ct);
        return silo;
    }

    public async Task TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Its next line.</summary>
    /// <exception cref="LabException">It ended, or did not answer in time.</exception>
    public async Task<string> ReadAsync(TimeSpan limit, CancellationToken ct)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(limit);
        try
        {
            return await _process.StandardOutput.ReadLineAsync(late.Token) ?? throw new LabException($"silo {Name} has ended. {Tail()}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new LabException(string.Create(CultureInfo.InvariantCulture, $"silo {Name} did not answer within {limit.TotalSeconds} s. {Tail()}"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            if (_process.HasExited) return;
            // A silo that leaves in order tells the others, and they have ended, too. So nobody waits for that.
            _process.Kill();
            using var late = new CancellationTokenSource(EndLimit, TimeProvider.System);
            await _process.WaitForExitAsync(late.Token);
        }
    }

    private void Log(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
            if (_log.Length > LogCharactersMax) _log.Remove(0, _log.Length - LogCharactersMax);
        }
    }

    private string Tail()
    {
        lock (_log) return _log.ToString();
    }
}
