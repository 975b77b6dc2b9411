using System.Diagnostics;
using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>Storage that becomes full during a run: a small tmpfs. Mounting it needs root.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly DirectoryInfo _disk = Directory.CreateTempSubdirectory("gemini-test-disk-");
    private bool _mounted;

    public void Dispose()
    {
        if (_mounted) Run("umount", "--lazy", _disk.FullName);
        _disk.Delete(recursive: true);
    }

    [Fact]
    public async Task DiskFillsUp_TrainingGoesOn_StatusSaysSo_AndPersistingGoesOnOnceThereIsRoom()
    {
        _mounted = Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", _disk.FullName);
        if (!_mounted) Assert.Skip("A small tmpfs cannot be mounted here; it takes root.");
        using var demo = DemoRun.Start($"--model gpt2-nano --iterations 600 --persist-every 5 --kill none --no-verify --standby 0 --storage {_disk.FullName}");
        await demo.WaitForLineAsync("persisted iteration", Limits.Start);

        var ballast = Path.Combine(_disk.FullName, "ballast");
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

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
