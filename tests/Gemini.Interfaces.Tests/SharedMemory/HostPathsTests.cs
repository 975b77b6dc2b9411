using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Interfaces.Tests.SharedMemory;

public sealed class HostPathsTests : IDisposable
{
    private readonly string _shared = Directory.CreateTempSubdirectory("gemini-paths-").FullName;

    private string Root => Path.Combine(_shared, "root");

    private HostPaths Paths => new(Root, "job", new HostName("host-a"));

    public void Dispose() => Directory.Delete(_shared, recursive: true);

    /// <summary>A silo of a later version adopts the files, and its trainers find them.</summary>
    [Fact]
    public void Names_AreThoseOfThePage()
    {
        var folder = $"{Root}/job/host-a/";
        Assert.Equal(folder, Paths.Directory + "/");
        Assert.Equal(folder + "silo.sock", Paths.TrainerSocket);
        Assert.Equal(folder + "host.lock", Paths.HostLock);
        Assert.Equal(folder + "rank-00000.slot-0", Paths.Segment(new Rank(0), 0));
        Assert.Equal(folder + "rank-00012.slot-1", Paths.Segment(new Rank(12), 1));
        Assert.Equal(folder + "rank-123456.slot-1", Paths.Segment(new Rank(123456), 1));
        Assert.Equal(folder + "rank-00012.staging", Paths.Staging(new Rank(12)));
        Assert.Equal(folder + "trainer-10.lock", Paths.TrainerLock(10));
        Assert.Equal(folder + "trainer-10.network", Paths.NetworkPage(10));
        Assert.Equal(2, HostPaths.SlotCount);
    }

    [Fact]
    public void RemoveEmptyDirectories_NothingInThem_LeavesTheRoot()
    {
        Paths.EnsureDirectory();
        Paths.RemoveEmptyDirectories();
        Assert.Equal((true, 0), (Directory.Exists(Root), Directory.GetFileSystemEntries(Root).Length));
        Paths.RemoveEmptyDirectories();
    }

    [Fact]
    public void RemoveEmptyDirectories_AFileIsInTheHostsFolder_RemovesNothing()
    {
        Paths.EnsureDirectory();
        File.WriteAllText(Paths.HostLock, "");
        Paths.RemoveEmptyDirectories();
        Assert.True(File.Exists(Paths.HostLock));
    }

    [Fact]
    public void RemoveEmptyDirectories_AnotherHostOfTheJobIsThere_LeavesItsFolder()
    {
        Paths.EnsureDirectory();
        var other = new HostPaths(Root, "job", new HostName("host-b"));
        other.EnsureDirectory();
        Paths.RemoveEmptyDirectories();
        Assert.Equal((false, true), (Directory.Exists(Paths.Directory), Directory.Exists(other.Directory)));
    }

    [Fact]
    public void RemoveEmptyDirectories_NothingWasMade_IsAllowed()
    {
        Paths.RemoveEmptyDirectories();
        Assert.False(Directory.Exists(Root));
    }
}
