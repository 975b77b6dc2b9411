using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.MemoryMappedFiles;
using Gemini.Interfaces.Files;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Interfaces.SharedMemory;

/// <summary>
/// The file in which a trainer says when it uses the training network. Trainer and silo map the same file, so a change costs the trainer two stores:
/// no call of the operating system and no message. <c>NETWORK.md</c> describes the layout, for trainers in any language.
/// </summary>
/// <remarks>
/// The trainer is the only writer, and its calls may come from several threads. Any number of processes may read at any time. The file keeps the last
/// <see cref="ChangeSlots"/> changes and the last <see cref="IterationSlots"/> iterations. A reader that comes too late gets nothing, never a mix.
/// Times are nanoseconds of the machine's monotonic clock (<c>CLOCK_MONOTONIC</c>). Disposing unmaps the file: a reader must not read afterwards; what
/// a writer stores afterwards is dropped.
/// </remarks>
public sealed unsafe class NetworkPage : IDisposable
{
    /// <summary>"GEMININW", read as a little-endian integer.</summary>
    public const ulong Magic = 0x574E_494E_494D_4547;

    /// <summary>Grows with every incompatible change.</summary>
    public const int Version = 1;

    /// <summary>How many changes the file keeps. An iteration with more of them cannot be read.</summary>
    public const int ChangeSlots = 8192;

    /// <summary>How many iterations the file keeps.</summary>
    public const int IterationSlots = 128;

    /// <summary>Size of the file.</summary>
    public const int FileBytes = ChangesOffset + (ChangeSlots * sizeof(long));

    internal const int VersionOffset = 8;
    internal const int ChangeCountOffset = 16;
    internal const int IterationCountOffset = 24;
    internal const int IterationsOffset = 64;
    internal const int ChangesOffset = 4096;

    /// <summary>In place of a time: no iteration begins here.</summary>
    private const long NoIteration = 0;

    private readonly MappedFile _file;
    private readonly byte* _base;
    private readonly Lock _gate = new();
    private int _uses;
    private bool _disposed;

    private NetworkPage(MappedFile file)
    {
        _file = file;
        _base = file.Base;
    }

    /// <summary>How often the network became busy or idle. It is odd while the trainer uses the network.</summary>
    public long Changes => Volatile.Read(ref At(ChangeCountOffset));

    /// <summary>Whether the trainer uses the network at this moment.</summary>
    public bool IsBusy => (Changes & 1) == 1;

    /// <summary>How many iterations have begun, interruptions included. Iteration n can be read once n + 2 have begun.</summary>
    public long Iterations => Volatile.Read(ref At(IterationCountOffset));

    /// <summary>
    /// Opens the file to write it, and makes it first if it does not exist or has another layout. It is idle afterwards, whatever a writer that died
    /// left in it. A file of another layout is replaced and not changed, because a silo may have mapped it.
    /// </summary>
    /// <exception cref="UntrustedFileException">The file does not belong to this user alone.</exception>
    /// <exception cref="IOException">The file cannot be made, for example because memory is full.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not open it.</exception>
    public static NetworkPage OpenToWrite(string path, long nanoseconds)
    {
        var file = PrivateFile.OpenOrCreate(path);
        if (!IsPage(file))
        {
            file.Dispose();
            file = Make(path);
        }

        var page = Map(file, MemoryMappedFileAccess.ReadWrite);
        if (page.IsBusy) page.Change(nanoseconds);
        page.Interrupt();
        return page;
    }

    /// <summary>Opens the file to read it.</summary>
    /// <exception cref="InvalidDataException">The file is no network page, or has another layout.</exception>
    /// <exception cref="UntrustedFileException">The file does not belong to this user alone.</exception>
    /// <exception cref="IOException">The file cannot be opened, for example because no trainer has made it yet.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not open it.</exception>
    public static NetworkPage OpenToRead(string path)
    {
        var file = PrivateFile.Open(path, FileAccess.Read);
        if (IsPage(file)) return Map(file, MemoryMappedFileAccess.Read);
        file.Dispose();
        throw new InvalidDataException($"{path} is no network page of layout version {Version}.");
    }

    /// <summary>The time of a page. On Linux the system's clock counts nanoseconds of CLOCK_MONOTONIC, so nothing is rounded.</summary>
    public static long Nanoseconds(TimeProvider time) =>
        time.TimestampFrequency == 1_000_000_000 ? time.GetTimestamp() : (long)((Int128)time.GetTimestamp() * 1_000_000_000 / time.TimestampFrequency);

    /// <summary>The trainer begins to use the network. Uses may overlap; the network is busy until the last of them has ended.</summary>
    /// <param name="nanoseconds">Now.</param>
    public void BeginUse(long nanoseconds)
    {
        lock (_gate)
        {
            if (++_uses == 1 && !_disposed) Change(nanoseconds);
        }
    }

    /// <summary>A use of the network ends.</summary>
    /// <param name="nanoseconds">Now.</param>
    public void EndUse(long nanoseconds)
    {
        lock (_gate)
        {
            if (--_uses == 0 && !_disposed) Change(nanoseconds);
        }
    }

    /// <summary>An iteration begins, and so the one before it ends.</summary>
    /// <param name="nanoseconds">Now; above 0.</param>
    public void BeginIteration(long nanoseconds)
    {
        lock (_gate)
        {
            if (_disposed) return;
            var iterations = At(IterationCountOffset);
            var slot = IterationsOffset + ((int)(iterations % IterationSlots) * 2 * sizeof(long));
            Volatile.Write(ref At(slot), At(ChangeCountOffset));
            Volatile.Write(ref At(slot + sizeof(long)), nanoseconds);
            Volatile.Write(ref At(IterationCountOffset), iterations + 1);
        }
    }

    /// <summary>Training is interrupted, for example by a failure. The time until the next iteration begins belongs to no iteration.</summary>
    public void Interrupt() => BeginIteration(NoIteration);

    /// <summary>
    /// How an iteration used the network. Null if it has not ended, if it was interrupted, or if the file does not keep it any more.
    /// </summary>
    /// <param name="number">Counted from 0, interruptions included.</param>
    public NetworkIteration? Read(long number)
    {
        var begun = Iterations;
        if (number < 0 || number + 2 > begun || begun - number >= IterationSlots) return null;
        var (first, from) = IterationAt(number);
        var (last, to) = IterationAt(number + 1);
        if (from == NoIteration || to == NoIteration || last - first >= ChangeSlots) return null;
        var (idle, busy) = (ImmutableArray.CreateBuilder<TimeSpan>(), ImmutableArray.CreateBuilder<TimeSpan>());
        var (isBusy, since) = ((first & 1) == 1, from);
        for (var change = first; change < last; change++)
        {
            var at = Volatile.Read(ref At(ChangesOffset + ((int)(change % ChangeSlots) * sizeof(long))));
            if (!isBusy) idle.Add(Span(since, at));
            else if (idle.Count > 0) busy.Add(Span(since, at));
            (isBusy, since) = (!isBusy, at);
        }

        // Also an iteration that ends while the network is busy has its last span, an empty one: all iterations of a shape have as many spans.
        if (isBusy && idle.Count > 0) busy.Add(Span(since, to));
        idle.Add(isBusy ? TimeSpan.Zero : Span(since, to));
        // The writer may have come round meanwhile. A slot is overwritten before its count grows, so one slot less counts.
        var isKept = Iterations - number < IterationSlots && Changes - first < ChangeSlots;
        return isKept ? new NetworkIteration(Span(from, to), idle.ToImmutable(), busy.ToImmutable()) { Begin = from } : null;
    }

    /// <summary>This moment of the iteration that runs. Null if none runs, because training was interrupted or has not begun.</summary>
    public NetworkMoment? Now()
    {
        while (true)
        {
            var (begun, changes) = (Iterations, Changes);
            if (begun == 0) return null;
            var (first, from) = IterationAt(begun - 1);
            var since = changes > first ? Volatile.Read(ref At(ChangesOffset + ((int)((changes - 1) % ChangeSlots) * sizeof(long)))) : from;
            // What changed meanwhile is read again, so the parts are of one moment.
            if (Iterations != begun || Changes != changes) continue;
            if (from == NoIteration) return null;
            var wasBusy = (first & 1) == 1;
            var spans = (changes - first + (wasBusy ? 1 : 2)) / 2;
            return new NetworkMoment(begun - 1, (changes & 1) == 1, (int)spans - 1, since);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
        }

        _file.Dispose();
    }

    private static NetworkPage Map(SafeFileHandle file, MemoryMappedFileAccess access)
    {
        try
        {
            return new NetworkPage(new MappedFile(file, FileBytes, access));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static bool IsPage(SafeFileHandle file)
    {
        Span<byte> head = stackalloc byte[VersionOffset + sizeof(int)];
        return RandomAccess.GetLength(file) == FileBytes && RandomAccess.Read(file, head, 0) == head.Length
            && BinaryPrimitives.ReadUInt64LittleEndian(head) == Magic && BinaryPrimitives.ReadInt32LittleEndian(head[VersionOffset..]) == Version;
    }

    /// <summary>Writes every byte, so that a full memory is an error here and not a signal at the first store.</summary>
    private static SafeFileHandle Make(string path)
    {
        var unfinished = path + ".new";
        File.Delete(unfinished);
        var file = PrivateFile.Create(unfinished);
        try
        {
            var content = new byte[FileBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(content, Magic);
            BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(VersionOffset), Version);
            RandomAccess.Write(file, content, 0);
            File.Move(unfinished, path, overwrite: true);
            return file;
        }
        catch
        {
            file.Dispose();
            File.Delete(unfinished);
            throw;
        }
    }

    private static TimeSpan Span(long from, long to) => new((to - from) / TimeSpan.NanosecondsPerTick);

    /// <summary>The time first, then the count: whoever sees the count sees the time, too.</summary>
    private void Change(long nanoseconds)
    {
        var changes = At(ChangeCountOffset);
        Volatile.Write(ref At(ChangesOffset + ((int)(changes % ChangeSlots) * sizeof(long))), nanoseconds);
        Volatile.Write(ref At(ChangeCountOffset), changes + 1);
    }

    private (long Changes, long Nanoseconds) IterationAt(long number)
    {
        var slot = IterationsOffset + ((int)(number % IterationSlots) * 2 * sizeof(long));
        return (Volatile.Read(ref At(slot)), Volatile.Read(ref At(slot + sizeof(long))));
    }

    private ref long At(int offset) => ref *(long*)(_base + offset);
}
