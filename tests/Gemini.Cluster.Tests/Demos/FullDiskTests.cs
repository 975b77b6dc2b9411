using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>Storage that becomes full during a run: a small tmpfs. Mounting it needs root.</summary>
public sealed class FullDiskTests
{
    [Fact(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    public async Task DiskFillsUp_TrainingGoesOn_StatusSaysSo_AndPersistingGoesOnOnceThereIsRoom()
    {
        using var disk = SmallDisk.Mount("size=8m,mode=700");
        using var demo = DemoRun.Start($"--model gpt2-nano --iterations 600 --persist-every 5 --kill none --no-verify --standby 0 --storage {disk.Path}");
        await demo.WaitForLineAsync("persisted iteration", Limits.Start);

        var ballast = Path.Combine(disk.Path, "ballast");
        var (full, line) = await FillUntilAsync(ballast, demo.WaitForLineAsync("storage, trying again", Limits.Recovery));
        Assert.Contains("No space left on device", line, StringComparison.Ordinal);
        var (trained, _) = await demo.WaitForLineAsync("] iteration ", Limits.Recovery, full + 1);

        File.Delete(ballast);
        await demo.WaitForLineAsync("persisted iteration", Limits.Recovery, trained + 1);
        var report = await demo.SucceedAsync();
        Assert.Empty(report.Failures);
    }

    /// <summary>Fills all free blocks, also those that become free when an old snapshot is deleted, until the expected line comes.</summary>
    private static async Task<T> FillUntilAsync<T>(string path, Task<T> word)
    {
        var block = new byte[4096];
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Delete, bufferSize: 0);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!word.IsCompleted)
        {
            try
            {
                while (true) file.Write(block);
            }
            catch (IOException)
            {
                // The disk is full for now.
            }

            await again.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        return await word;
    }
}
