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
internal static partial class SegmentFiles
{
    /// <summary>The end of the name of a file that is not complete yet. A complete file is renamed.</summary>
    internal const string UnfinishedSuffix = ".new";

    /// <summary>The end of the name of a segment that is kept but not used. The run of the segment stands before it.</summary>
    internal const string AsideSuffix = ".aside";

    private const int ErrorInterrupted = 4;
    private const int ErrorNoSpace = 28;

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
            return segment.FaultIn() is { } problem ? throw new HostMemoryException($"The segment {path} cannot be used: {problem}.") : segment;
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

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFallocate(SafeFileHandle file, long offset, long bytes);
}
