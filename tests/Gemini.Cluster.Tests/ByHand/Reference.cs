using System.Collections.Immutable;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>The lab's reference run for a <see cref="HandMadeCluster"/>. Tests compare the final state of a recovered job with it.</summary>
internal static class Reference
{
    /// <summary>The hash of every rank's final shard.</summary>
    public static async Task<ImmutableArray<ContentHash>> RunAsync(TestFolders folders, long iterations)
    {
        // SampleConfiguration gives the same arguments to the trainers.
        var options = new DemoOptions { Hosts = HandMadeCluster.Names.Count, Model = "gpt2-nano", Iterations = iterations, Seed = 1 };
        var secret = Path.Combine(folders.Root, "job.key");
        await using var run = new ReferenceRun(options, GeminiProcess.TrainerPath, secret, TestPorts.Free, folders.Logs, TimeProvider.System);
        try
        {
            return await run.FinishAsync(Limits.Start, _ => { }, TestContext.Current.CancellationToken);
        }
        catch (LabException failure)
        {
            throw new InvalidOperationException($"{failure.Message}\n{folders.LogTails()}", failure);
        }
    }
}
