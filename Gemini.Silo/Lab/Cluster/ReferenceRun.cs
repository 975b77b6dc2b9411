using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gemini.Interfaces.Model;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// The same training without any host, silo, snapshot or failure. The demo's final state is compared with its result. Each rank prints, as its last
/// line, a JSON object whose <c>hash</c> is the hash of its final shard.
/// </summary>
internal sealed class ReferenceRun(DemoOptions options, string trainer, FreePorts ports, string logDirectory, TimeProvider clock, Action<string> say)
{
    private static readonly TimeSpan SayInterval = TimeSpan.FromSeconds(5);

    /// <summary>Hash of every rank's final shard, by rank.</summary>
    /// <param name="secretFile">The secret with which the ranks prove themselves to each other.</param>
    /// <param name="bound">How long it may take.</param>
    /// <param name="ct">Ends it early.</param>
    /// <exception cref="LabException">A rank failed, or the bound was reached.</exception>
    public async Task<ImmutableArray<ContentHash>> RunAsync(string secretFile, TimeSpan bound, CancellationToken ct)
    {
        var endpoints = string.Join(',', Enumerable.Range(0, options.Hosts)
            .Select(_ => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ports.Next()}")));
        using var deadline = new CancellationTokenSource(bound, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        var processes = new List<Process>();
        try
        {
            processes.AddRange(Enumerable.Range(0, options.Hosts).Select(rank => Start(rank, endpoints, secretFile)));
            var ranks = processes.Select((process, rank) => ReadHashAsync(rank, process, stop)).ToArray();
            return [.. await Task.WhenAll(ranks)];
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new LabException(string.Create(CultureInfo.InvariantCulture, $"the reference run has not ended within {bound.TotalSeconds:0} s"));
        }
        finally
        {
            foreach (var process in processes)
            {
                if (!process.HasExited) process.Kill();
                process.Dispose();
            }
        }
    }

    /// <summary>The hash in the last line that a trainer printed; null if the line has none.</summary>
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

    private Process Start(int rank, string endpoints, string secretFile)
    {
        var start = GeminiProgram.ErrorsLogged(
            trainer,
            [
                "--standalone", "--rank", rank.ToString(CultureInfo.InvariantCulture), "--ring-endpoints", endpoints,
                "--secret-file", secretFile, .. options.TrainerArguments(),
            ],
            LogPath(rank));
        return Process.Start(start) ?? throw new LabException($"{trainer} cannot be started.");
    }

    /// <summary>A rank that fails ends the run, because the others would wait for it.</summary>
    private async Task<ContentHash> ReadHashAsync(int rank, Process process, CancellationTokenSource stop)
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

    private string LogPath(int rank) => Path.Combine(logDirectory, string.Create(CultureInfo.InvariantCulture, $"reference-{rank}.log"));
}
