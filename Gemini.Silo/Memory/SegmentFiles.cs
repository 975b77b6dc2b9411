using System.Globalization;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Silo.Memory;

/// <summary>
/// Makes segment files whose every page exists. A store to a page that a full tmpfs cannot provide kills the process
/// (SIGBUS), so pages are reserved by the file system before anything is mapped under the final name.
/// </summary>
internal static unsafe partial class SegmentFiles
{
    /// <summary>Ends the name of a file that is still being made; it is renamed when it is whole.</summary>
    internal const string UnfinishedSuffix = ".new";

    private const int ErrorInterrupted = 4;
    private const int ErrorNoSpace = 28;
    private const int AdvicePopulateWrite = 23;

    /// <summary>Makes the file and maps it: all pages there, state Free.</summary>
    /// <exception cref="HostMemoryException">No room.</exception>
    public static MappedSegment Create(string path, string job, Rank owner, long payloadBytes, int chunkBytes)
    {
        var unfinished = path + UnfinishedSuffix;
        try
        {
            File.Delete(unfinished);
            MappedSegment.Create(unfinished, job, owner, payloadBytes, chunkBytes).Dispose();
            Reserve(unfinished);
            File.Move(unfinished, path, overwrite: true);
            var segment = MappedSegment.Open(path);
            FaultIn(segment);
            return segment;
        }
        catch (Exception error) when (error is IOException or HostMemoryException)
        {
            File.Delete(unfinished);
            if (error is HostMemoryException) throw;
            throw new HostMemoryException($"The segment {path} cannot be made: {error.Message}", error);
        }
    }

    /// <summary>Reads owner and slot out of a segment's file name; false for any other file.</summary>
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

    /// <summary>Reserves every page of an existing file; what is there stays.</summary>
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
        throw new HostMemoryException($"{bytes} bytes cannot be reserved for {path}: {why}. {MemoryBudget.Fix(path)}");
    }

    /// <summary>
    /// Takes the page faults now, so that the first snapshot is written as fast as the tenth. Changes no byte, so it may run
    /// beside a writer.
    /// </summary>
    public static void FaultIn(MappedSegment segment)
    {
        var bytes = segment.FileBytes - SegmentLayout.PayloadOffset(segment.PayloadBytes, segment.ChunkBytes);
        if (Advise(segment.Payload, (nuint)bytes, AdvicePopulateWrite) == 0) return;
        // Kernels before 5.14: an atomic addition of nothing is a store that changes nothing.
        for (long offset = 0; offset < bytes; offset += SegmentLayout.PageBytes)
            Interlocked.Add(ref *(int*)(segment.Payload + offset), 0);
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFallocate(SafeFileHandle file, long offset, long bytes);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(byte* start, nuint bytes, int advice);
}
