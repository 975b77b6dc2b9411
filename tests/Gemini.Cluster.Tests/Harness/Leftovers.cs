namespace Gemini.Cluster.Tests.Harness;

/// <summary>Looks for processes and files that a run should have removed.</summary>
internal static class Leftovers
{
    /// <summary>Fails when a process of the test still runs after the limit, or a file is left in its memory root.</summary>
    public static async Task AssertNoneAsync(TestFolders folders, TimeSpan limit)
    {
        await AssertNoProcessAsync(folders, limit);
        var files = Directory.EnumerateFileSystemEntries(folders.Memory, "*", SearchOption.AllDirectories).ToList();
        Assert.True(files.Count == 0, $"Left in host memory: {string.Join(", ", files)}\n{folders.LogTails()}");
    }

    /// <summary>Fails when a process of the test still runs after the limit.</summary>
    public static async Task AssertNoProcessAsync(TestFolders folders, TimeSpan limit)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (ProcessTable.WithEnvironment(folders.Mark) is { Count: > 0 } running)
        {
            var left = limit - TimeProvider.System.GetElapsedTime(start);
            var gone = left > TimeSpan.Zero && await ProcessTable.ExitsAsync(running[0], left);
            if (gone) continue;
            Assert.Fail($"Still running after {limit.TotalSeconds:0} s: {string.Join("; ", running.Select(ProcessTable.Describe))}\n{folders.LogTails()}");
        }
    }
}
