using System.Buffers.Binary;
using Gemini.Trainer.Client.Native;

namespace Gemini.Trainer.Tests.Client.Native;

public sealed class TorchLibraryPatchTests : IDisposable
{
    private static readonly HashSet<string> OldSystem = ["GLIBCXX_3.4.30"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Apply_ToStrongRequirement_WeakensItAloneAndKeepsTheTime()
    {
        string path = StrongCopy();
        byte[] before = File.ReadAllBytes(path);
        var time = File.GetLastWriteTimeUtc(path);
        Assert.True(TorchLibraryPatch.IsNeeded(new ElfImage(before), OldSystem));

        TorchLibraryPatch.Apply(path);

        byte[] after = File.ReadAllBytes(path);
        Assert.False(TorchLibraryPatch.IsNeeded(new ElfImage(after), OldSystem));
        Assert.Equal(time, File.GetLastWriteTimeUtc(path));
        Assert.Equal(1, before.Zip(after).Count(pair => pair.First != pair.Second));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void IsNeeded_WhereTheSystemIsNewEnough_IsFalse() =>
        Assert.False(TorchLibraryPatch.IsNeeded(
            new ElfImage(File.ReadAllBytes(StrongCopy())), new HashSet<string> { TorchLibraryPatch.Version }));

    [Fact]
    public void Apply_ThroughALink_LeavesTheTargetAlone()
    {
        string target = StrongCopy(), link = Path.Combine(_folder.Path, "link.so");
        byte[] before = File.ReadAllBytes(target);
        File.CreateSymbolicLink(link, target);

        TorchLibraryPatch.Apply(link);

        Assert.Equal(before, File.ReadAllBytes(target));
        Assert.False(TorchLibraryPatch.IsNeeded(new ElfImage(File.ReadAllBytes(link)), OldSystem));
    }

    [Fact]
    public void Apply_WhereTheTemporaryFileCannotBeWritten_NamesTheFix()
    {
        string path = StrongCopy();
        Directory.CreateDirectory($"{path}.{Environment.ProcessId}.tmp");
        var error = Assert.Throws<InvalidOperationException>(() => TorchLibraryPatch.Apply(path));
        Assert.Contains("libstdc++", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A copy as in the package, even if the library beside the tests is already patched.</summary>
    private string StrongCopy()
    {
        byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
        foreach (var need in new ElfImage(file).VersionNeeds.Where(need => need.Version == TorchLibraryPatch.Version))
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(need.FlagsOffset), (ushort)(need.Flags & ~ElfVersionNeed.Weak));
        string path = Path.Combine(_folder.Path, "library.so");
        File.WriteAllBytes(path, file);
        return path;
    }
}
