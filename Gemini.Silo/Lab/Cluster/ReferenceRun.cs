using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gemini.Interfaces.Model;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// The same training without any host, silo, snapshot or failure, in one process for each rank. A job is compared with it, either with the final
/// state or with that after any iteration. Call only one of <see cref="FinishAsync"/> and <see cref="StartWithHashes"/>, once. Disposing leaves no
/// process.
/// </summary>
/// <param name="options">How many ranks train, and what.</param>
/// <param name="trainer">The trainer's program.</param>
/// <param name="secretFile">The secret with which the ranks prove themselves to each other.</param>
/// <param name="ports">Where they listen.</param>
/// <param name="logDirectory">Where they write errors.</param>
/// <param name="clock">Bounds the run and each read.</param>
internal sealed class ReferenceRun(
    DemoOptions options, string trainer, string secretFile, FreePorts ports, string logDirectory, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan SayInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(120);

    private readonly List<Process> _processes = [];
    private readonly List<ImmutableArray<ContentHash>> _hashes = [];

    /// <summary>
    /// How long a run may take that has the cores for itself. It takes no longer than the job did; the rest is reserve for the start and for a slow
    /// machine.
    /// </summary>
    /// <param name="iterations">The length of the run.</param>
    /// <param name="job">The job, which knows how long an iteration takes.</param>
    public static TimeSpan Bound(long iterations, JobStatus job) =>
        TimeSpan.FromMilliseconds(60_000 + (3 * iterations * Math.Max(200, job.IterationMillisecondsMedian)));

    /// <summary>Runs to the end. Returns the hash of every rank's final shard, by rank.</summary>
    /// <param name="bound">How long it may take.</param>
    /// <param name="say">Receives a line about the progress every few seconds.</param>
    /// <param name="ct">Ends it early.</param>
    /// <exception cref="LabException">A rank failed, or the bound was reached.</exception>
    public async Task<ImmutableArray<ContentHash>> FinishAsync(TimeSpan bound, Action<string> say, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(bound, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            Start([]);
            var ranks = _processes.Select((process, rank) => ReadLastAsync(rank, process, say, stop)).ToArray();
            return [.. await Task.WhenAll(ranks)];
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new LabException(string.Create(CultureInfo.InvariantCulture, $"the reference run has not ended within {bound.TotalSeconds:0} s"));
        }
    }

    /// <summary>
    /// Starts a run beside the job, for <see cref="AtAsync"/>. When the pipes are full, some hundred iterations ahead of the reader, its processes
    /// wait.
    /// </summary>
    public void StartWithHashes() => Start(["--hashes"]);

    /// <summary>The hashes after an iteration, by rank. One caller at a time.</summary>
    /// <param name="iteration">From 1.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="LabException">The reference run ended, or has not reached the iteration within 120 s.</exception>
    public async Task<ImmutableArray<ContentHash>> AtAsync(long iteration, CancellationToken ct)
    {
        while (_hashes.Count < iteration) _hashes.Add([.. await Task.WhenAll(_processes.Select((process, rank) => ReadNextAsync(process, rank, ct)))]);
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

        _processes.Clear();
    }

    /// <summary>The hash in a line that a trainer printed: a JSON object with the property <c>hash</c>. Null if the line has none.</summary>
    internal static ContentHash? ParseHash(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("hash", out var hash)
                && hash.ValueKind == JsonValueKind.String
                && ulong.TryParse(hash.GetString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                ? new ContentHash(value)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Start(IEnumerable<string> mode)
    {
        var endpoints = string.Join(',', Enumerable.Range(0, options.Hosts)
            .Select(_ => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ports.Next()}")));
        for (var rank = 0; rank < options.Hosts; rank++)
        {
            var start = GeminiProgram.ErrorsLogged(
                trainer,
                [
                    "--standalone", "--rank", rank.ToString(CultureInfo.InvariantCulture), "--ring-endpoints", endpoints,
                    "--secret-file", secretFile, "--until-input-ends", .. mode, .. options.TrainerArguments(),
                ],
                LogPath(rank));
            // However this process ends, the rank sees the end of its input.
            start.RedirectStandardInput = true;
            _processes.Add(Process.Start(start) ?? throw new LabException($"{trainer} cannot be started."));
        }
    }

    /// <summary>A rank that fails ends the run, because the others would wait for it.</summary>
    private async Task<ContentHash> ReadLastAsync(int rank, Process process, Action<string> say, CancellationTokenSource stop)
    {
        var last = "";
        var saidAt = clock.GetTimestamp();
        while (await process.StandardOutput.ReadLineAsync(stop.Token) is { } line)
        {
            if (line.Length > 0) last = line;
            if (rank != 0 || clock.GetElapsedTime(saidAt) < SayInterval) continue;
            saidAt = clock.GetTimestamp();
            say($"reference run: {line}");
        }

        await process.WaitForExitAsync(stop.Token);
        if (process.ExitCode == 0 && ParseHash(last) is { } hash) return hash;
        await stop.CancelAsync();
        throw new LabException($"rank {rank} of the reference run ended with exit code {process.ExitCode} and no hash; see {LogPath(rank)}");
    }

    private async Task<ContentHash> ReadNextAsync(Process process, int rank, CancellationToken ct)
    {
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(ct).AsTask().WaitAsync(ReadLimit, clock, ct);
            return ParseHash(line ?? "")
                ?? throw new LabException($"rank {rank} of the reference run said '{line}' after {_hashes.Count} iterations");
        }
        catch (TimeoutException)
        {
            throw new LabException(
                $"rank {rank} of the reference run has not reached iteration {_hashes.Count + 1} within {ReadLimit.TotalSeconds:0} s");
        }
    }

    private string LogPath(int rank) => Path.Combine(logDirectory, string.Create(CultureInfo.InvariantCulture, $"reference-{rank}.log"));
}
