using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>
/// The same training by three trainers alone, without hosts, snapshots or failures. Tests compare the final state of a recovered job with it.
/// </summary>
internal static class Reference
{
    /// <summary>The hash of every rank's final shard.</summary>
    public static async Task<ImmutableArray<ContentHash>> RunAsync(TestFolders folders, long iterations)
    {
        var key = Path.Combine(folders.Root, "job.key");
        var endpoints = string.Join(',', HandMadeCluster.Names.Select(_ => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{TestPorts.Next()}")));
        var ranks = HandMadeCluster.Names.Select((_, rank) => WatchedProcess.Start(
            folders, GeminiProcess.TrainerPath, "--standalone", "--rank", Text(rank), "--ring-endpoints", endpoints, "--secret-file", key,
            "--model", "gpt2-nano", "--iterations", Text(iterations), "--seed", "1")).ToList();
        var hashes = new List<ContentHash>();
        foreach (var rank in ranks)
        {
            Assert.True(await rank.ExitAsync(Limits.Start) == 0, rank.Describe());
            using var json = JsonDocument.Parse(rank.Output.All[^1]);
            hashes.Add(new ContentHash(ulong.Parse(json.RootElement.GetProperty("hash").GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));
            rank.Dispose();
        }

        return [.. hashes];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
