using CsCheck;
using Gemini.Trainer.Client.Native;

namespace Gemini.Trainer.Tests.Client.Native;

public sealed class ElfImageTests
{
    private static readonly byte[] Library = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));

    [Fact]
    public void Needs_OfTorchSharpsLibrary_NameLibrariesAndVersions()
    {
        var needs = new ElfImage(Library).VersionNeeds;
        Assert.Contains(needs, need => need is { Library: "libstdc++.so.6", Version: TorchLibraryPatch.Version });
        Assert.Contains(needs, need => need is { Library: "libc.so.6", Version: "GLIBC_2.34", IsWeak: false });
    }

    [Fact]
    public void Image_NotElf_IsRefused() => Assert.Throws<InvalidDataException>(() => new ElfImage(new byte[4096]));

    /// <summary>If the headers are cut off or overwritten in any way, the reader returns a result or throws its own exception.</summary>
    [Fact]
    public void Image_Damaged_NeverReadsOutside() =>
        Gen.Select(Gen.Int[0, 4096], Gen.ULong, Gen.Int[0, Library.Length]).Sample(
            (at, value, length) =>
            {
                byte[] damaged = Library[..length];
                if (at + sizeof(ulong) <= length) BitConverter.TryWriteBytes(damaged.AsSpan(at), value);
                try { _ = new ElfImage(damaged); }
                catch (InvalidDataException) { }
            },
            iter: 200);
}
