using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Lab.Detection;

/// <summary>Another program that takes all cores: as many endless loops as there are cores. They end with this object, or by themselves.</summary>
internal sealed class BusyCores : IDisposable
{
    private readonly ImmutableArray<Process> _processes;

    /// <param name="limit">When the loops end by themselves.</param>
    public BusyCores(TimeSpan limit)
    {
        var seconds = ((int)limit.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        _processes =
        [
            .. Enumerable.Range(0, Environment.ProcessorCount)
                .Select(_ => Process.Start(new ProcessStartInfo("timeout", [seconds, "/bin/sh", "-c", "while :; do :; done"]))!),
        ];
    }

    public int Count => _processes.Length;

    /// <summary>Whether every loop still runs and takes its share.</summary>
    public bool AllRun => _processes.All(process => !process.HasExited);

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            foreach (var loop in ProcessTools.ChildrenOf(process.Id)) ProcessTools.Kill(loop);
            ProcessTools.Kill(process.Id);
            process.Dispose();
        }
    }
}
