using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Silo.Persistence;

/// <summary>Files of a mounted file system: a disk, NFS, FSx.</summary>
internal sealed partial class PosixStoreFiles : IStoreFiles
{
    private const int OpenReadOnly = 0;
    private const int OpenDirectory = 0x10000;
    private const int OpenCloseOnExec = 0x80000;
    private const int ErrorInvalid = 22;

    public void EnsureDirectory(string path) => Directory.CreateDirectory(path);

    public IStoreFile Create(string path) => new PosixFile(
        File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));

    public void Rename(string source, string target) => File.Move(source, target, overwrite: true);

    public void FlushDirectory(string path)
    {
        using var directory = Open(path, OpenReadOnly | OpenDirectory | OpenCloseOnExec);
        if (directory.IsInvalid) throw Error(path);
        // Some network file systems know no fsync of a directory: their names are durable when the rename returns.
        if (Fsync(directory) != 0 && Marshal.GetLastPInvokeError() != ErrorInvalid) throw Error(path);
    }

    public void Delete(string path) => File.Delete(path);

    public void DeleteDirectory(string path) => Directory.Delete(path);

    private static IOException Error(string path) => new($"{Marshal.GetLastPInvokeErrorMessage()} : '{path}'");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    private sealed class PosixFile(SafeFileHandle file) : IStoreFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

        public void Flush() => RandomAccess.FlushToDisk(file);

        public void Dispose() => file.Dispose();
    }
}
