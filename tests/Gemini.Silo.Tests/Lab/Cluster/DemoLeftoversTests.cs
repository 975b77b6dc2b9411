using System.Diagnostics;
using Gemini.Interfaces.Files;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Tests.Lab.Cluster;

/// <summary>A demo deletes the files that killed demos left, and no file that may still be needed.</summary>
public sealed class DemoLeftoversTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheDemoIsGone_ItsFoldersAreRemovedAndNamed()
    {
        var process = EndedProcess();
        _folder.Write($"memory/demo-{process}/host-0/rank-00000.slot-0", "12345");
        _folder.Write($"memory/demo-{process}/host-0/trainer-0.lock", "1");
        _folder.Write($"tmp/gemini-demo-{process}-abc/job.key", "secret");
        _folder.Write($"tmp/gemini-demo-{process}-abc/demo.lock", "");
        _folder.Write($"tmp/clr-debug-pipe-{process}-7-in", "");
        _folder.Write($"tmp/dotnet-diagnostic-{process}-7-socket", "");

        Remove();

        Assert.Equal(["memory", "tmp"], Entries());
        Assert.Equal(2, _said.Count);
        Assert.Contains("6 bytes", _said[0], StringComparison.Ordinal);
    }

    [Fact]
    public void TheDemoOrATrainerLives_NothingIsRemoved()
    {
        var process = EndedProcess();
        _folder.Write($"memory/demo-{Environment.ProcessId}/host-0/rank-00000.slot-0", "12345");
        var path = _folder.Write($"memory/demo-{process}/host-0/trainer-0.lock", "1");
        using var held = PrivateFile.Open(path, FileAccess.ReadWrite);
        Assert.True(PrivateFile.TryLock(held));

        Remove();

        Assert.Empty(_said);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void LogsThatADemoLeftOnPurpose_AndOtherJobs_Stay()
    {
        var process = EndedProcess();
        _folder.Write($"tmp/gemini-demo-{process}-abc/logs/host-0.log", "why it failed");
        _folder.Write("memory/by-hand/host-a/rank-00000.slot-0", "12345");

        Remove();

        Assert.Empty(_said);
        Assert.Equal("by-hand", Path.GetFileName(Assert.Single(DemoLeftovers.Unused(Path.Combine(_folder.Path, "memory"))).Path));
    }

    [Fact]
    public void Mark_IsHeldWhileTheDemoLives_AndGoneAfterAnOrderlyEnd()
    {
        var mark = DemoLeftovers.Mark(_folder.Path);
        Assert.NotNull(new Gemini.Silo.Forgetting.JobFolder(_folder.Path).HeldLock());
        mark.Dispose();
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    private void Remove() => DemoLeftovers.Remove(Path.Combine(_folder.Path, "memory"), Path.Combine(_folder.Path, "tmp"), _said.Add);

    private IEnumerable<string> Entries() =>
        Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    private static int EndedProcess()
    {
        using var process = Process.Start("/bin/true");
        process.WaitForExit();
        return process.Id;
    }
}
