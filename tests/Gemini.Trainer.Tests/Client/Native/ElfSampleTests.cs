using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Gemini.Trainer.Client.Native;

namespace Gemini.Trainer.Tests.Client.Native;

/// <summary>A library of a few hundred bytes, built here from the formats' descriptions, so that every field can be wrong.</summary>
public sealed class ElfSampleTests
{
    private const int ProgramHeaders = 64;
    private const int Dynamic = 256;
    private const int Strings = 512;
    private const int Needs = 640;
    private const int Definitions = 768;
    private const int FileBytes = 1024;

    /// <summary>Memory addresses are not file offsets.</summary>
    private const int Base = 0x10000;

    private static readonly string[] Names = ["", "libc.so.6", "GLIBC_2.34", "libstdc++.so.6", "GLIBCXX_3.4.32", "CXXABI_1.3", "libsample.so", "SAMPLE_1"];

    [Fact]
    public void Image_Sample_HasItsNeedsAndDefinitions()
    {
        var image = new ElfImage(Sample());
        Assert.Equal(
            [
                new ElfVersionNeed("libc.so.6", "GLIBC_2.34", 0, Needs + 16 + 4),
                new ElfVersionNeed("libstdc++.so.6", "GLIBCXX_3.4.32", 0, Needs + 48 + 4),
                new ElfVersionNeed("libstdc++.so.6", "CXXABI_1.3", ElfVersionNeed.Weak, Needs + 64 + 4),
            ],
            image.VersionNeeds);
        Assert.Equal([false, false, true], image.VersionNeeds.Select(need => need.IsWeak));
        Assert.Equal(["SAMPLE_1", "libsample.so"], image.VersionDefinitions.Order(StringComparer.Ordinal));
    }

    /// <summary>A library that needs no versions, as a program of another language.</summary>
    [Theory]
    [InlineData(0x6ffffffe)]
    [InlineData(0x6fffffff)]
    public void Image_WithoutATable_NeedsNothing(uint tag)
    {
        var file = Sample();
        Set64(file, EntryOf(file, tag), 0x6ffffff0);
        var image = new ElfImage(file);
        Assert.Empty(image.VersionNeeds);
        Assert.Equal(2, image.VersionDefinitions.Count);
    }

    [Theory]
    [InlineData(0, 0x7e)]
    [InlineData(1, (byte)'e')]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    public void Image_OfAnotherKind_IsRefused(int offset, byte value)
    {
        var file = Sample();
        file[offset] = value;
        Assert.Equal("Not a little-endian ELF64 file.", Assert.Throws<InvalidDataException>(() => new ElfImage(file)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    public void Image_ShorterThanItsHeader_IsRefused(int bytes) => Assert.Throws<InvalidDataException>(() => new ElfImage(Sample()[..bytes]));

    [Fact]
    public void Image_SmallProgramHeaders_AreRefused()
    {
        var file = Sample();
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), 55);
        Assert.Equal("ELF program headers of 55 bytes, expected 56.", Assert.Throws<InvalidDataException>(() => new ElfImage(file)).Message);
    }

    [Fact]
    public void Image_AddressInNoSegment_IsRefused()
    {
        var file = Sample();
        Set64(file, EntryOf(file, 0x6ffffffe) + 8, Base - 1);
        Assert.Equal("ELF address 0xffff lies in no loaded segment.", Assert.Throws<InvalidDataException>(() => new ElfImage(file)).Message);
        Set64(file, EntryOf(file, 0x6ffffffe) + 8, Base + FileBytes);
        Assert.Throws<InvalidDataException>(() => new ElfImage(file));
        Set64(file, EntryOf(file, 0x6ffffffe) + 8, ulong.MaxValue);
        Assert.Throws<InvalidDataException>(() => new ElfImage(file));
    }

    [Fact]
    public void Image_StringOutsideItsTable_IsRefused()
    {
        var file = Sample();
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Needs + 4), 128);
        Assert.Equal("ELF string 128 lies outside the string table.", Assert.Throws<InvalidDataException>(() => new ElfImage(file)).Message);
        var withoutStrings = Sample();
        Set64(withoutStrings, EntryOf(withoutStrings, 5), 0x6ffffff0);
        Assert.Throws<InvalidDataException>(() => new ElfImage(withoutStrings));
    }

    [Fact]
    public void Image_StringWithoutEnd_IsRefused()
    {
        var file = Sample();
        file.AsSpan(Strings).Replace((byte)0, (byte)'x');
        Assert.Throws<InvalidDataException>(() => new ElfImage(file));
    }

    /// <summary>Any eight bytes anywhere, and any length.</summary>
    [Fact]
    public void Image_DamagedAnywhere_IsReadOrRefused() =>
        Gen.Select(Gen.Int[0, FileBytes - 8], Gen.OneOf(Gen.ULong, Gen.ULong[0, 2000], Gen.Const(ulong.MaxValue)), Gen.Int[0, FileBytes]).Sample(
            (at, value, length) =>
            {
                var file = Sample();
                Set64(file, at, value);
                return Record.Exception(() => { _ = new ElfImage(file[..length]); }) is null or InvalidDataException;
            },
            iter: 5000);

    [Fact]
    public void Patch_OnlyTheOneVersionThatTheSystemLacks()
    {
        var image = new ElfImage(Sample());
        Assert.True(TorchLibraryPatch.IsNeeded(image, new HashSet<string>()));
        Assert.False(TorchLibraryPatch.IsNeeded(image, new HashSet<string> { "GLIBCXX_3.4.32" }));
        var file = Sample();
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Needs + 48 + 4), ElfVersionNeed.Weak);
        Assert.False(TorchLibraryPatch.IsNeeded(new ElfImage(file), new HashSet<string>()));
    }

    [Fact]
    public void Apply_Twice_ChangesNothingMore()
    {
        var folder = Directory.CreateTempSubdirectory("gemini-elf-");
        try
        {
            var path = Path.Combine(folder.FullName, "libsample.so");
            File.WriteAllBytes(path, Sample());
            TorchLibraryPatch.Apply(path);
            var once = File.ReadAllBytes(path);
            TorchLibraryPatch.Apply(path);
            Assert.Equal(once, File.ReadAllBytes(path));
            Assert.Equal([0, 2, 2], new ElfImage(once).VersionNeeds.Select(need => (int)need.Flags));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static byte[] Sample()
    {
        var file = new byte[FileBytes];
        "\u007fELF\u0002\u0001"u8.CopyTo(file);
        Set64(file, 32, ProgramHeaders);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 2);
        Header(file, ProgramHeaders, type: 1, offset: 0, address: Base, bytes: FileBytes);
        Header(file, ProgramHeaders + 56, type: 2, offset: Dynamic, address: Base + Dynamic, bytes: 7 * 16);
        (ulong Tag, ulong Value)[] entries =
            [(5, Base + Strings), (10, 128), (0x6ffffffe, Base + Needs), (0x6fffffff, 2), (0x6ffffffc, Base + Definitions), (0x6ffffffd, 2), (0, 0)];
        foreach (var (index, (tag, value)) in entries.Index())
        {
            Set64(file, Dynamic + (index * 16), tag);
            Set64(file, Dynamic + (index * 16) + 8, value);
        }

        Encoding.ASCII.GetBytes(string.Concat(Names.Select(name => name + "\0"))).CopyTo(file, Strings);
        Need(file, Needs, count: 1, "libc.so.6", next: 32);
        NeedEntry(file, Needs + 16, flags: 0, "GLIBC_2.34", next: 0);
        Need(file, Needs + 32, count: 2, "libstdc++.so.6", next: 0);
        NeedEntry(file, Needs + 48, flags: 0, "GLIBCXX_3.4.32", next: 16);
        NeedEntry(file, Needs + 64, flags: ElfVersionNeed.Weak, "CXXABI_1.3", next: 0);
        Definition(file, Definitions, "libsample.so", next: 28);
        Definition(file, Definitions + 28, "SAMPLE_1", next: 0);
        return file;
    }

    private static void Header(byte[] file, int at, uint type, ulong offset, ulong address, ulong bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), type);
        Set64(file, at + 8, offset);
        Set64(file, at + 16, address);
        Set64(file, at + 32, bytes);
    }

    private static void Need(byte[] file, int at, ushort count, string library, uint next)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + 2), count);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 4), IndexOf(library));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 8), 16);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 12), next);
    }

    private static void NeedEntry(byte[] file, int at, ushort flags, string version, uint next)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + 4), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 8), IndexOf(version));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 12), next);
    }

    private static void Definition(byte[] file, int at, string name, uint next)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 12), 20);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 16), next);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 20), IndexOf(name));
    }

    private static uint IndexOf(string name) => (uint)Names.TakeWhile(each => each != name).Sum(each => each.Length + 1);

    private static int EntryOf(byte[] file, uint tag) =>
        Enumerable.Range(0, 7).Select(index => Dynamic + (index * 16)).First(at => BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at)) == tag);

    private static void Set64(byte[] file, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);
}
