using System.Buffers.Binary;
using System.Text;

namespace Gemini.Trainer.Client.Native;

/// <summary>The symbol versions that a shared library needs and defines, found in the same way as by the dynamic loader.</summary>
/// <remarks>
/// Little-endian ELF64 only. All tables are found through the program headers (<c>PT_DYNAMIC</c>, <c>PT_LOAD</c>). Section headers are not used,
/// because a stripped library may lack them. Formats: System V ABI, chapters 4 and 5, and the Linux Standard Base, "Symbol Versioning". Every read is
/// checked against the file's length: a damaged file causes an <see cref="InvalidDataException"/>, never a read outside the file.
/// </remarks>
internal sealed class ElfImage
{
    private const int ProgramHeaderSizeBytes = 56;
    private const int DynamicEntrySizeBytes = 16;
    private const uint SegmentLoad = 1;
    private const uint SegmentDynamic = 2;
    private const ulong TagStringTable = 5;
    private const ulong TagStringTableSize = 10;
    private const ulong TagVersionDefinitions = 0x6ffffffc;
    private const ulong TagVersionDefinitionCount = 0x6ffffffd;
    private const ulong TagVersionNeeds = 0x6ffffffe;
    private const ulong TagVersionNeedCount = 0x6fffffff;

    private readonly byte[] _file;
    private readonly List<(ulong Address, ulong Offset, ulong SizeBytes)> _loads = [];
    private readonly Dictionary<ulong, ulong> _dynamic = [];

    /// <exception cref="InvalidDataException">The file is not a little-endian ELF64 file, or its tables point outside the file.</exception>
    public ElfImage(byte[] file)
    {
        _file = file;
        if (file.Length < 64 || !file.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException("Not a little-endian ELF64 file.");
        ReadProgramHeaders();
        VersionNeeds = ReadNeeds();
        VersionDefinitions = ReadDefinitions();
    }

    /// <summary>The versions that the library needs from other libraries, in file order.</summary>
    public IReadOnlyList<ElfVersionNeed> VersionNeeds { get; }

    /// <summary>The versions that the library itself provides.</summary>
    public IReadOnlySet<string> VersionDefinitions { get; }

    private void ReadProgramHeaders()
    {
        var table = ReadUInt64(32);
        int entrySizeBytes = ReadUInt16(54), count = ReadUInt16(56);
        if (entrySizeBytes < ProgramHeaderSizeBytes)
            throw new InvalidDataException($"ELF program headers of {entrySizeBytes} bytes, expected {ProgramHeaderSizeBytes}.");

        (ulong Offset, ulong SizeBytes) dynamic = default;
        for (var i = 0; i < count; i++)
        {
            var header = table + ((ulong)i * (ulong)entrySizeBytes);
            var type = ReadUInt32(header);
            ulong offset = ReadUInt64(header + 8), address = ReadUInt64(header + 16), sizeBytes = ReadUInt64(header + 32);
            if (type == SegmentLoad) _loads.Add((address, offset, sizeBytes));
            if (type == SegmentDynamic) dynamic = (offset, sizeBytes);
        }
        for (ulong at = 0; at + DynamicEntrySizeBytes <= dynamic.SizeBytes; at += DynamicEntrySizeBytes)
        {
            var tag = ReadUInt64(dynamic.Offset + at);
            if (tag == 0) break;
            _dynamic[tag] = ReadUInt64(dynamic.Offset + at + 8);
        }
    }

    private List<ElfVersionNeed> ReadNeeds()
    {
        var needs = new List<ElfVersionNeed>();
        foreach (var need in Chain(TagVersionNeeds, TagVersionNeedCount, nextField: 12))
        {
            int count = ReadUInt16(need + 2);
            var library = ReadString(ReadUInt32(need + 4));
            var entry = need + ReadUInt32(need + 8);
            for (var i = 0; i < count; i++, entry += ReadUInt32(entry + 12))
                needs.Add(new(library, ReadString(ReadUInt32(entry + 8)), ReadUInt16(entry + 4), (int)entry + 4));
        }
        return needs;
    }

    private HashSet<string> ReadDefinitions()
    {
        var names = new HashSet<string>();
        foreach (var definition in Chain(TagVersionDefinitions, TagVersionDefinitionCount, nextField: 16))
            names.Add(ReadString(ReadUInt32(definition + ReadUInt32(definition + 12))));
        return names;
    }

    /// <summary>File offsets of the records of a table. Each record contains the distance to the next.</summary>
    private IEnumerable<ulong> Chain(ulong tableTag, ulong countTag, uint nextField)
    {
        if (!_dynamic.TryGetValue(tableTag, out var address) || !_dynamic.TryGetValue(countTag, out var count)) yield break;
        var record = ToOffset(address);
        for (ulong i = 0; i < count; i++)
        {
            yield return record;
            var distance = ReadUInt32(record + nextField);
            if (distance == 0) yield break;
            record += distance;
        }
    }

    private ulong ToOffset(ulong address)
    {
        foreach (var load in _loads)
            if (address >= load.Address && address - load.Address < load.SizeBytes)
                return load.Offset + (address - load.Address);
        throw new InvalidDataException($"ELF address 0x{address:x} lies in no loaded segment.");
    }

    private string ReadString(uint index)
    {
        if (!_dynamic.TryGetValue(TagStringTable, out var table) || index >= _dynamic.GetValueOrDefault(TagStringTableSize))
            throw new InvalidDataException($"ELF string {index} lies outside the string table.");
        var offset = ToOffset(table) + index;
        if (offset >= (ulong)_file.Length) throw new InvalidDataException("The ELF string table lies outside the file.");
        var rest = _file.AsSpan((int)offset);
        var length = rest.IndexOf((byte)0);
        return length >= 0
            ? Encoding.ASCII.GetString(rest[..length])
            : throw new InvalidDataException("An ELF string runs past the end of the file.");
    }

    private ushort ReadUInt16(ulong offset) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(offset, sizeof(ushort)));

    private uint ReadUInt32(ulong offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(offset, sizeof(uint)));

    private ulong ReadUInt64(ulong offset) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(offset, sizeof(ulong)));

    private ReadOnlySpan<byte> Bytes(ulong offset, int sizeBytes) =>
        offset <= (ulong)_file.Length && (ulong)_file.Length - offset >= (ulong)sizeBytes
            ? _file.AsSpan((int)offset, sizeBytes)
            : throw new InvalidDataException($"The ELF file ends before offset 0x{offset:x}.");
}
