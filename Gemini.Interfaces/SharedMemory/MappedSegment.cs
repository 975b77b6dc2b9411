using System.Buffers.Binary;
using System.IO.Hashing;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Interfaces.SharedMemory;

/// <summary>
/// A segment file mapped into this process. All header fields are read and written here. Silo and trainer map the same file, so each sees the bytes
/// that the other stores, without a copy.
/// </summary>
/// <remarks>
/// One writer at a time: the owner's trainer for its own shard, the silo for everything else. A writer calls <see cref="BeginWrite"/>, stores payload
/// and chunk hashes, moves <see cref="CapturedBytes"/> forward and ends with <see cref="Seal"/>, whose last store is the state. A reader that sees
/// <see cref="SegmentState.Sealed"/> therefore sees everything that was stored before. If a writer dies, the state stays
/// <see cref="SegmentState.Writing"/>. Disposing unmaps the file and makes all pointers and spans into it invalid, so dispose this object last.
/// </remarks>
public sealed unsafe class MappedSegment : IDisposable
{
    /// <summary>The length of a span is an int, the length of a file a long.</summary>
    private const int CopyPieceBytes = 64 << 20;

    private readonly MappedFile _file;
    private readonly byte* _base;
    private readonly long _payloadOffset;
    private SnapshotId _written;
    private bool _disposed;

    private MappedSegment(string path, MappedFile file, long fileBytes)
    {
        Path = path;
        FileBytes = fileBytes;
        _file = file;
        _base = file.Base;
        PayloadBytes = ReadInt64(SegmentLayout.PayloadBytesOffset);
        ChunkBytes = ReadInt32(SegmentLayout.ChunkBytesOffset);
        Identity = ReadIdentity();
        ChunkCount = SegmentLayout.ChunkCount(PayloadBytes, ChunkBytes);
        _payloadOffset = SegmentLayout.PayloadOffset(PayloadBytes, ChunkBytes);
    }

    public string Path { get; }

    /// <summary>
    /// Whether the mapped file still exists under its path. If somebody has deleted it, its bytes exist as long as a process maps it.
    /// </summary>
    public bool HasName => FileStatus.Of(_file.Handle, Path).LinkCount > 0 && File.Exists(Path);

    public long FileBytes { get; }

    public long PayloadBytes { get; }

    public int ChunkBytes { get; }

    public int ChunkCount { get; }

    /// <summary>What the segment is for, as its header said when the file was mapped.</summary>
    public SegmentIdentity Identity { get; }

    public Rank Owner => Identity.Owner;

    public SegmentState State => ToState(ReadInt32(SegmentLayout.StateOffset));

    /// <summary>
    /// Whether the header is as the writer sealed it. Meaningful only while the state is <see cref="SegmentState.Sealed"/>. A writer may begin at any
    /// time, so if this is false, read the state again.
    /// </summary>
    public bool IsHeaderSound => (ulong)ReadInt64(SegmentLayout.CheckOffset) == CheckOf(new ReadOnlySpan<byte>(_base, SegmentLayout.FieldBytes));

    /// <summary>The snapshot that is in the segment or is being written to it. Has no meaning if the state is <see cref="SegmentState.Free"/>.</summary>
    public SnapshotId Snapshot =>
        new(new Iteration(ReadInt64(SegmentLayout.IterationOffset)), new Epoch(ReadInt64(SegmentLayout.EpochOffset)));

    /// <summary>
    /// The watermark: how many payload bytes, counted from the start, are stored together with their chunk hashes. Invariant: a multiple of
    /// <see cref="ChunkBytes"/>, or <see cref="PayloadBytes"/>.
    /// </summary>
    public long CapturedBytes => Volatile.Read(ref *(long*)(_base + SegmentLayout.CapturedBytesOffset));

    /// <summary>The hash of the whole shard. Valid if the state is <see cref="SegmentState.Sealed"/>.</summary>
    public ContentHash Hash => new((ulong)ReadInt64(SegmentLayout.HashOffset));

    public string JobName => Identity.Job;

    /// <summary>The chunk table: one XxHash3-64 per chunk.</summary>
    public Span<ulong> ChunkHashes => new(_base + SegmentLayout.HeaderBytes, ChunkCount);

    /// <summary>First byte of the payload; page aligned. Valid until this object is disposed.</summary>
    public byte* Payload => _base + _payloadOffset;

    /// <summary>Creates the file with a valid header in state <see cref="SegmentState.Free"/>, and maps it.</summary>
    /// <exception cref="IOException">The file cannot be made: the name is taken, or the file system is full.</exception>
    public static MappedSegment Create(string path, SegmentIdentity identity, long payloadBytes, int chunkBytes = SegmentLayout.DefaultChunkBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(payloadBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunkBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Encoding.UTF8.GetByteCount(identity.Job), SegmentLayout.MaxJobNameBytes, nameof(identity));
        var fileBytes = SegmentLayout.FileBytes(payloadBytes, chunkBytes);
        Span<byte> header = stackalloc byte[SegmentLayout.FieldBytes];
        header.Clear();
        WriteFixedFields(header, identity, payloadBytes, chunkBytes);
        var file = PrivateFile.Create(path);
        try
        {
            RandomAccess.SetLength(file, fileBytes);
            RandomAccess.Write(file, header, 0);
            return Map(path, file, fileBytes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Maps an existing segment file.</summary>
    /// <exception cref="LayoutVersionException">The file is a segment of another layout version.</exception>
    /// <exception cref="InvalidDataException">The file is not a segment, or its size does not match its header.</exception>
    /// <exception cref="UntrustedFileException">The file does not belong to this user alone.</exception>
    /// <exception cref="IOException">The file cannot be opened or mapped.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not open it.</exception>
    public static MappedSegment Open(string path)
    {
        var file = PrivateFile.Open(path, FileAccess.ReadWrite);
        try
        {
            return Map(path, file, CheckedLength(path, file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes a file of that name with every byte of this segment, even if the segment's own name no longer exists. Bytes that are written to the
    /// segment meanwhile may or may not be in the new file.
    /// </summary>
    /// <exception cref="IOException">The file cannot be made: it exists already, or the file system is full.</exception>
    public void CopyTo(string path)
    {
        using var file = PrivateFile.Create(path);
        for (long offset = 0; offset < FileBytes; offset += CopyPieceBytes)
            RandomAccess.Write(file, new ReadOnlySpan<byte>(_base + offset, (int)Math.Min(CopyPieceBytes, FileBytes - offset)), offset);
    }

    /// <summary>
    /// Takes this process's page faults now, so that the first snapshot is written as fast as the tenth. Changes no byte, so it may run beside a writer.
    /// </summary>
    /// <returns>
    /// Null if every page is there. Otherwise the reason, such as a page whose memory is broken. Such a page is not touched, because a touch would kill
    /// the process (SIGBUS).
    /// </returns>
    public string? FaultIn() => PageFaults.Take(Payload, FileBytes - _payloadOffset);

    /// <summary>The same for one chunk.</summary>
    public string? FaultIn(int chunk)
    {
        var offset = (long)chunk * ChunkBytes / SegmentLayout.PageBytes * SegmentLayout.PageBytes;
        return PageFaults.Take(Payload + offset, Math.Min(((chunk + 1L) * ChunkBytes) - offset, PayloadBytes - offset));
    }

    /// <summary>Discards the content. The caller makes sure before that no reader uses it.</summary>
    public void Free() => WriteState(SegmentState.Free);

    /// <summary>
    /// Discards a content that is sealed or whose state is damaged. The trainer may begin to write at the same time: if it has begun a new content,
    /// this does nothing. Returns whether this call has set the segment free.
    /// </summary>
    public bool GiveUp()
    {
        var stored = ReadInt32(SegmentLayout.StateOffset);
        if (ToState(stored) is SegmentState.Free or SegmentState.Writing) return false;
        if (Interlocked.CompareExchange(ref *(int*)(_base + SegmentLayout.StateOffset), (int)SegmentState.Free, stored) != stored) return false;
        RestoreFixedFields();
        return true;
    }

    /// <summary>
    /// Writes the fields that never change once more, in case one of their bits has flipped: the next process that maps the file reads them. A writer
    /// stores the same values, so this does not disturb it.
    /// </summary>
    public void RestoreFixedFields()
    {
        Span<byte> header = stackalloc byte[SegmentLayout.FieldBytes];
        new ReadOnlySpan<byte>(_base, SegmentLayout.FieldBytes).CopyTo(header);
        WriteFixedFields(header, Identity, PayloadBytes, ChunkBytes);
        foreach (var (offset, bytes) in FixedFields) header.Slice(offset, bytes).CopyTo(new Span<byte>(_base + offset, bytes));
    }

    /// <summary>Starts a new content. Stores the state first, so that no reader takes the old content for complete.</summary>
    public void BeginWrite(SnapshotId snapshot)
    {
        WriteState(SegmentState.Writing);
        Thread.MemoryBarrier();
        _written = snapshot;
        RestoreFixedFields();
        WriteInt64(SegmentLayout.CapturedBytesOffset, 0);
        WriteInt64(SegmentLayout.HashOffset, 0);
        WriteInt64(SegmentLayout.EpochOffset, snapshot.Epoch.Value);
        WriteInt64(SegmentLayout.IterationOffset, snapshot.Iteration.Value);
    }

    /// <summary>Moves the watermark. The caller has stored all bytes and hashes below it.</summary>
    public void AdvanceCaptured(long capturedBytes) =>
        Volatile.Write(ref *(long*)(_base + SegmentLayout.CapturedBytesOffset), capturedBytes);

    /// <summary>
    /// Stores the hash of the whole shard and the check of the header, then the state. Returns the hash. The check is computed from the values that
    /// this writer intends and not from the header, so that a bit that flipped in the header is detected.
    /// </summary>
    public ContentHash Seal()
    {
        var hash = HashOfChunkTable();
        WriteInt64(SegmentLayout.HashOffset, (long)hash.Value);
        AdvanceCaptured(PayloadBytes);
        Span<byte> header = stackalloc byte[SegmentLayout.FieldBytes];
        header.Clear();
        WriteFixedFields(header, Identity, PayloadBytes, ChunkBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[SegmentLayout.EpochOffset..], _written.Epoch.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[SegmentLayout.IterationOffset..], _written.Iteration.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(header[SegmentLayout.HashOffset..], hash.Value);
        WriteInt64(SegmentLayout.CheckOffset, (long)CheckOf(header));
        WriteState(SegmentState.Sealed);
        return hash;
    }

    /// <summary>The shard's hash, computed from the chunk table as it is now.</summary>
    public ContentHash HashOfChunkTable() => new(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(ChunkHashes)));

    /// <summary>Payload bytes of one chunk; only the last may be shorter than <see cref="ChunkBytes"/>.</summary>
    public Span<byte> Chunk(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ChunkCount, nameof(index));
        var offset = (long)index * ChunkBytes;
        return new Span<byte>(Payload + offset, (int)Math.Min(ChunkBytes, PayloadBytes - offset));
    }

    /// <summary>The index of the first chunk whose bytes do not match the table, or -1 if all match. Reads the whole payload.</summary>
    public int FindBadChunk()
    {
        for (var index = 0; index < ChunkCount; index++)
        {
            if (XxHash3.HashToUInt64(Chunk(index)) != ChunkHashes[index]) return index;
        }

        return -1;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _file.Dispose();
    }

    /// <summary>The size of the file, after checking that it is a segment.</summary>
    private static long CheckedLength(string path, SafeFileHandle file)
    {
        var header = new byte[SegmentLayout.JobNameOffset];
        var fileBytes = RandomAccess.GetLength(file);
        if (fileBytes < SegmentLayout.HeaderBytes || RandomAccess.Read(file, header, 0) < header.Length)
            throw new InvalidDataException($"{path} is not a segment: it has {fileBytes} bytes.");
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != SegmentLayout.Magic)
            throw new InvalidDataException($"{path} is not a segment: wrong magic number.");
        var version = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(SegmentLayout.VersionOffset));
        if (version != SegmentLayout.Version)
            throw new LayoutVersionException($"{path} has segment layout version {version}; this program reads version {SegmentLayout.Version}.");
        var chunkBytes = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(SegmentLayout.ChunkBytesOffset));
        var payloadBytes = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(SegmentLayout.PayloadBytesOffset));
        if (!SegmentLayout.IsPossible(payloadBytes, chunkBytes) || SegmentLayout.FileBytes(payloadBytes, chunkBytes) != fileBytes)
            throw new InvalidDataException($"{path} is damaged: {payloadBytes} payload bytes do not fit a file of {fileBytes} bytes.");
        return fileBytes;
    }

    /// <summary>Maps the file that was checked, by its open handle. Ownership: the segment owns the handle from now on.</summary>
    private static MappedSegment Map(string path, SafeFileHandle handle, long fileBytes)
    {
        var file = new MappedFile(handle, fileBytes, MemoryMappedFileAccess.ReadWrite);
        try
        {
            return new MappedSegment(path, file, fileBytes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Offset and size of the fields that are written when the file is made and never change.</summary>
    private static ReadOnlySpan<(int Offset, int Bytes)> FixedFields => s_fixedFields;

    private static readonly (int Offset, int Bytes)[] s_fixedFields =
    [
        (SegmentLayout.MagicOffset, sizeof(ulong)),
        (SegmentLayout.VersionOffset, sizeof(int)),
        (SegmentLayout.OwnerOffset, sizeof(int)),
        (SegmentLayout.ChunkBytesOffset, sizeof(int)),
        (SegmentLayout.PayloadBytesOffset, sizeof(long)),
        (SegmentLayout.JobNameOffset, SegmentLayout.CheckOffset - SegmentLayout.JobNameOffset),
    ];

    private static void WriteFixedFields(Span<byte> header, SegmentIdentity identity, long payloadBytes, int chunkBytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(header[SegmentLayout.MagicOffset..], SegmentLayout.Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[SegmentLayout.VersionOffset..], SegmentLayout.Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[SegmentLayout.OwnerOffset..], identity.Owner.Value);
        BinaryPrimitives.WriteInt32LittleEndian(header[SegmentLayout.ChunkBytesOffset..], chunkBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[SegmentLayout.PayloadBytesOffset..], payloadBytes);
        header[SegmentLayout.JobNameOffset..SegmentLayout.CheckOffset].Clear();
        Encoding.UTF8.GetBytes(identity.Job, header[SegmentLayout.JobNameOffset..]);
        identity.Run.Id.TryWriteBytes(header[SegmentLayout.RunOffset..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32LittleEndian(header[SegmentLayout.WorldSizeOffset..], identity.Run.WorldSize);
    }

    /// <summary>The hash of all fields except state, watermark and the check itself. State and watermark change while the content stays the same.</summary>
    private static ulong CheckOf(ReadOnlySpan<byte> fields)
    {
        Span<byte> checkedFields = stackalloc byte[SegmentLayout.CheckOffset];
        fields[..SegmentLayout.CheckOffset].CopyTo(checkedFields);
        checkedFields.Slice(SegmentLayout.StateOffset, sizeof(int)).Clear();
        checkedFields.Slice(SegmentLayout.CapturedBytesOffset, sizeof(long)).Clear();
        return XxHash3.HashToUInt64(checkedFields);
    }

    private static SegmentState ToState(int stored) =>
        stored is (int)SegmentState.Free or (int)SegmentState.Writing or (int)SegmentState.Sealed ? (SegmentState)stored : SegmentState.Damaged;

    private SegmentIdentity ReadIdentity()
    {
        var name = new ReadOnlySpan<byte>(_base + SegmentLayout.JobNameOffset, SegmentLayout.MaxJobNameBytes);
        var end = name.IndexOf((byte)0);
        var run = new Guid(new ReadOnlySpan<byte>(_base + SegmentLayout.RunOffset, SegmentLayout.RunBytes), bigEndian: true);
        return new SegmentIdentity(
            Encoding.UTF8.GetString(end < 0 ? name : name[..end]),
            new Rank(ReadInt32(SegmentLayout.OwnerOffset)),
            new JobRun(run, ReadInt32(SegmentLayout.WorldSizeOffset)));
    }

    private void WriteState(SegmentState state) => Volatile.Write(ref *(int*)(_base + SegmentLayout.StateOffset), (int)state);

    private int ReadInt32(int offset) => Volatile.Read(ref *(int*)(_base + offset));

    private long ReadInt64(int offset) => Volatile.Read(ref *(long*)(_base + offset));

    private void WriteInt64(int offset, long value) => Volatile.Write(ref *(long*)(_base + offset), value);
}
