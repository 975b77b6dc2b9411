using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>
/// Files in a host's folder that no process of the job made are neither read nor written. The targets of their links stay unchanged.
/// </summary>
public sealed class StrangerFilesTests : IDisposable
{
    private static readonly Rank Zero = new(0);

    private readonly TestMemory _host = new();
    private readonly TemporaryFolder _elsewhere = new();

    public void Dispose()
    {
        _host.Dispose();
        _elsewhere.Dispose();
    }

    [Theory]
    [InlineData(0x1FF)]
    [InlineData(0x1ED)]
    public void Open_FolderThatOthersMayEnter_IsRefused(int mode)
    {
        File.SetUnixFileMode(_host.Paths.Directory, (UnixFileMode)mode);
        Assert.Throws<UntrustedFileException>(_host.Open);
    }

    [Fact]
    public void Adopt_LinkToAnotherSegment_IsRemovedAndItsTargetIsNotAdopted()
    {
        _host.Memory.EnsureShard(Zero, PayloadBytes);
        var target = Path.Combine(_elsewhere.Path, "forged");
        var slot = _host.Paths.Segment(Zero, 0);
        _host.Capture(Zero, 0, Snapshot(7));
        File.Move(slot, target);
        File.CreateSymbolicLink(slot, target);

        var memory = _host.Restart();
        memory.Adopt();

        Assert.Empty(memory.Inventory());
        Assert.False(File.Exists(slot));
        using var untouched = MappedSegment.Open(target);
        Assert.Equal(SegmentState.Sealed, untouched.State);
    }

    [Fact]
    public void Adopt_SegmentWithASecondName_IsRemoved()
    {
        _host.Memory.EnsureShard(Zero, PayloadBytes);
        _host.Capture(Zero, 0, Snapshot(7));
        System.Diagnostics.Process.Start("ln", [_host.Paths.Segment(Zero, 0), Path.Combine(_host.Paths.Directory, "second")]).WaitForExit();

        var memory = _host.Restart();
        memory.Adopt();

        Assert.Empty(memory.Inventory());
    }

    [Theory]
    [InlineData("rank-00000.slot-0.new")]
    [InlineData("rank-00000.slot-0")]
    public void EnsureShard_LinkInPlaceOfTheFile_IsReplacedAndItsTargetKeepsItsContent(string name)
    {
        var victim = Path.Combine(_elsewhere.Path, "victim");
        File.WriteAllText(victim, "mine");
        File.CreateSymbolicLink(Path.Combine(_host.Paths.Directory, name), victim);

        _host.Memory.EnsureShard(Zero, PayloadBytes);

        Assert.Equal("mine", File.ReadAllText(victim));
        Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(_host.Paths.Segment(Zero, 0)));
        Assert.Null(PrivateFolder.ProblemInside(_host.Paths.Directory));
    }

    [Fact]
    public void Staging_LinkInPlaceOfTheFile_IsReplacedAndItsTargetKeepsItsContent()
    {
        var victim = Path.Combine(_elsewhere.Path, "victim");
        File.WriteAllText(victim, "mine");
        File.CreateSymbolicLink(_host.Paths.Staging(Zero), victim);
        using var staging = new StagingArea(_host.Paths, Job, ChunkBytes);
        File.CreateSymbolicLink(_host.Paths.Staging(Zero) + ".new", victim);

        staging.Ensure([new ShardDirective { Owner = Zero, PayloadBytes = PayloadBytes }]);

        Assert.Equal("mine", File.ReadAllText(victim));
        Assert.Equal(PrivateFile.Mode, File.GetUnixFileMode(_host.Paths.Staging(Zero)));
    }
}
