using System.Globalization;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Silo.Memory;

/// <summary>
/// Makes segment files with all their pages. If a full tmpfs cannot provide a page, a store to it kills the process (SIGBUS). So the file system
/// reserves all pages before the file gets its final name and is mapped.
/// </summary>
internal static unsafe partial class SegmentFiles
{
    /// <summary>The end of the name of a file that is not complete yet. A complete file is renamed.</summary>
    internal const string UnfinishedSuffix = ".new";

    /// <summary>The end of the name of a segment that is kept but not used. The run of the segment stands before it.</summary>
    internal const string AsideSuffix = ".aside";

    private const int ErrorInterrupted = 4;
    private const int ErrorUnknownAdvice = 22;
    private const int ErrorNoSpace = 28;
    private const int AdvicePopulateWrite = 23;

    /// <summary>Makes the file and maps it, with all its pages and in state Free.</summary>
    /// <exception cref="HostMemoryException">No room, or the folder cannot be used.</exception>
    public static MappedSegment Create(string path, SegmentIdentity identity, long payloadBytes, int chunkBytes) =>
        Make(path, unfinished => MappedSegment.Create(unfinished, identity, payloadBytes, chunkBytes).Dispose());

    /// <summary>
    /// Makes a file with the bytes of a mapped segment, and maps it. The segment's own file may have lost its name. The caller makes sure that nobody
    /// writes to the source: such a write might be missing in the copy.
    /// </summary>
    /// <exception cref="HostMemoryException">No room, or the folder cannot be used; the source stays as it is.</exception>
    public static MappedSegment Duplicate(MappedSegment source, string path) =>
        Make(path, source.CopyTo);

    private static MappedSegment Make(string path, Action<string> write)
    {
        var unfinished = path + UnfinishedSuffix;
        MappedSegment? segment = null;
        try
        {
            File.Delete(unfinished);
            write(unfinished);
            Reserve(unfinished);
            File.Move(unfinished, path, overwrite: true);
            segment = MappedSegment.Open(path);
            return FaultIn(segment) is { } problem ? throw new HostMemoryException($"The segment {path} cannot be used: {problem}.") : segment;
        }
        catch (Exception error)
        {
            segment?.Dispose();
            if (File.Exists(unfinished)) File.Delete(unfinished);
            var why = error is DirectoryNotFoundException or FileNotFoundException
                ? "its folder does not exist. Start the host again: it makes the folder."
                : error.Message;
            if (error is IOException or UnauthorizedAccessException) throw new HostMemoryException($"The segment {path} cannot be made: {why}", error);
            throw;
        }
    }

    /// <summary>Reads owner and slot from a segment's file name; false for any other file.</summary>
    public static bool TryParseName(string path, out Rank owner, out int slot)
    {
        (owner, slot) = (default, -1);
        var parts = Path.GetFileName(path).Split('.');
        if (parts.Length != 2 || !parts[0].StartsWith("rank-", StringComparison.Ordinal) || !parts[1].StartsWith("slot-", StringComparison.Ordinal))
            return false;
        if (!int.TryParse(parts[0].AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var rank)) return false;
        if (!int.TryParse(parts[1].AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out slot)) return false;
        owner = new Rank(rank);
        return slot < HostPaths.SlotCount;
    }

    /// <summary>Reserves every page of an existing file. Its content stays.</summary>
    /// <exception cref="HostMemoryException">No room.</exception>
    public static void Reserve(string path)
    {
        using var file = PrivateFile.Open(path, FileAccess.ReadWrite);
        var bytes = RandomAccess.GetLength(file);
        int error;
        do error = PosixFallocate(file, 0, bytes);
        while (error == ErrorInterrupted);
        if (error == 0) return;
        var why = error == ErrorNoSpace ? "the file system is full" : Marshal.GetPInvokeErrorMessage(error);
        throw new HostMemoryException($"{bytes} bytes cannot be reserved for {path}: {why}. {MachineMemory.BoundsOf(path)[0].Fix(bytes)}");
    }

    /// <summary>
    /// Takes the page faults now, so that the first snapshot is written as fast as the tenth. Changes no byte, so it may run beside a writer. Null if
    /// every page is there. Otherwise the reason, such as a page whose memory is broken. Such a page is not touched, because a touch would kill the
    /// process (SIGBUS).
    /// </summary>
    public static string? FaultIn(MappedSegment segment)
    {
        var bytes = segment.FileBytes - SegmentLayout.PayloadOffset(segment.PayloadBytes, segment.ChunkBytes);
        while (Advise(segment.Payload, (nuint)bytes, AdvicePopulateWrite) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            // A signal may interrupt the call. Pages that are there stay, so each call gets further.
            if (error == ErrorInterrupted) continue;
            if (error != ErrorUnknownAdvice) return $"the kernel cannot provide its pages: {Marshal.GetPInvokeErrorMessage(error)}";
            Touch(segment.Payload, bytes);
            return null;
        }

        return null;
    }

    /// <summary>For kernels before 5.14. An atomic addition of 0 is a store that changes nothing.</summary>
    private static void Touch(byte* start, long bytes)
    {
        for (long offset = 0; offset < bytes; offset += SegmentLayout.PageBytes) Interlocked.Add(ref *(int*)(start + offset), 0);
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFallocate(SafeFileHandle file, long offset, long bytes);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(byte* start, nuint bytes, int advice);
}
