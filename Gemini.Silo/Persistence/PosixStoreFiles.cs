using System.Globalization;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Files;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Silo.Persistence;

/// <summary>Files of a mounted file system: a disk, NFS, FSx. Only this user can change them.</summary>
/// <param name="groupReads">Whether the group of a file may read it. Other users never may.</param>
internal sealed partial class PosixStoreFiles(bool groupReads = false) : IStoreFiles
{
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private const int OpenReadOnly = 0;
    private const int OpenDirectory = 0x10000;
    private const int OpenCloseOnExec = 0x80000;
    private const int ErrorInvalid = 22;

    private UnixFileMode DirectoryMode =>
        PrivateFolder.Mode | (groupReads ? UnixFileMode.GroupRead | UnixFileMode.GroupExecute : UnixFileMode.None);

    public void EnsureDirectory(string path)
    {
        Directory.CreateDirectory(path, PrivateFolder.Mode);
        CheckDirectory(path);
    }

    /// <summary>A directory that others can read but not write gets the configured mode.</summary>
    public void CheckDirectory(string path)
    {
        var status = FileStatus.Of(path) ?? throw new DirectoryNotFoundException($"{path} does not exist.");
        if (Problem(path, status) is { } problem) throw new UntrustedFileException(problem);
        var mode = (UnixFileMode)(status.Mode & 0xFFF);
        // The set-group-id bit stays. It gives new files the group of the directory.
        var wanted = (mode & UnixFileMode.SetGroup) | DirectoryMode;
        if (mode != wanted) File.SetUnixFileMode(path, wanted);
    }

    public IStoreFile Create(string path)
    {
        File.Delete(path);
        var file = PrivateFile.Create(path);
        if (groupReads) File.SetUnixFileMode(file, PrivateFile.Mode | UnixFileMode.GroupRead);
        return new PosixFile(file);
    }

    public void Rename(string source, string target) => File.Move(source, target, overwrite: true);

    public void FlushDirectory(string path)
    {
        using var directory = Open(path, OpenReadOnly | OpenDirectory | OpenCloseOnExec);
        if (directory.IsInvalid) throw Error(path);
        // Some network file systems have no fsync of a directory. There, names are durable when the rename returns.
        if (Fsync(directory) != 0 && Marshal.GetLastPInvokeError() != ErrorInvalid) throw Error(path);
    }

    public void Delete(string path) => File.Delete(path);

    public void DeleteDirectory(string path) => Directory.Delete(path);

    private static string? Problem(string path, FileStatus status) => status switch
    {
        { IsDirectory: false } => $"{path} is {status.TypeText}, but must be a directory of this user. Remove it, or name another storage directory.",
        { IsOwn: false } => string.Create(CultureInfo.InvariantCulture,
            $"{path} belongs to user {status.Owner}, but this process runs as user {FileStatus.CurrentUser}, so it would trust files of another user. "
            + $"Run as its owner, change the owner, or name another storage directory."),
        _ when (status.OthersPermissions & OthersWrite) != 0 =>
            $"{path} has mode {status.ModeText}: other users could put snapshots there. Check its content, then run: chmod go-w {path}",
        _ => null,
    };

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
