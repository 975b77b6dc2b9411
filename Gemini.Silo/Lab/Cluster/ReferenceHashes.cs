using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Gemini.Interfaces.Model;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// The hash of every rank's shard after every iteration of an uninterrupted run without hosts. Trainer processes compute the hashes beside the drill.
/// The drill reads only as many as it needs. When the pipes are full, some hundred iterations ahead, the processes wait.
/// </summary>
internal sealed class ReferenceHashes : IAsyncDisposable
{
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(120);

    private readonly List<Process> _processes = [];
    private readonly List<ImmutableArray<ContentHash>> _hashes = [];
    private readonly TimeProvider _clock;

    /// <param name="ranks">How many ranks train.</param>
    /// <param name="trainer">The trainer's program.</param>
    /// <param name="arguments">The same arguments that it gets in the job.</param>
    /// <param name="secretFile">The secret with which the ranks prove themselves to each other.</param>
    /// <param name="ports">Where they listen.</param>
    /// <param name="logDirectory">Where they write errors.</param>
    /// <param name="clock">Bounds reads.</param>
    public ReferenceHashes(
        int ranks, string trainer, ImmutableArray<string> arguments, string secretFile, FreePorts ports, string logDirectory, TimeProvider clock)
    {
        _clock = clock;
        var endpoints = string.Join(',', Enumerable.Range(0, ranks).Select(_ => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ports.Next()}")));
        for (var rank = 0; rank < ranks; rank++)
        {
            var start = GeminiProgram.ErrorsLogged(
                trainer,
                [
                    "--standalone", "--hashes", "--rank", rank.ToString(CultureInfo.InvariantCulture),
                    "--ring-endpoints", endpoints, "--secret-file", secretFile, .. arguments,
                ],
                Path.Combine(logDirectory, string.Create(CultureInfo.InvariantCulture, $"reference-{rank}.log")));
            _processes.Add(Process.Start(start) ?? throw new LabException($"{trainer} cannot be started."));
        }
    }

    /// <summary>The hashes after an iteration, by rank. One caller at a time.</summary>
    /// <param name="iteration">From 1.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="LabException">The reference run ended, or has not reached the iteration within 120 s.</exception>
    public async Task<ImmutableArray<ContentHash>> AtAsync(long iteration, CancellationToken ct)
    {
        while (_hashes.Count < iteration) _hashes.Add([.. await Task.WhenAll(_processes.Select((process, rank) => ReadAsync(process, rank, ct)))]);
        return _hashes[(int)iteration - 1];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private async Task<ContentHash> ReadAsync(Process process, int rank, CancellationToken ct)
    {
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(ct).AsTask().WaitAsync(ReadLimit, _clock, ct);
            return ReferenceRun.ParseHash(line ?? "")
                ?? throw new LabException($"rank {rank} of the reference run said '{line}' after {_hashes.Count} iterations");
        }
        catch (TimeoutException)
        {
            throw new LabException(
                $"rank {rank} of the reference run has not reached iteration {_hashes.Count + 1} within {ReadLimit.TotalSeconds:0} s");
        }
    }
}
