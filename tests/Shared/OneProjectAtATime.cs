using System.Runtime.InteropServices;

[assembly: Xunit.AssemblyFixture(typeof(Gemini.Testing.OneProjectAtATime))]

namespace Gemini.Testing;

/// <summary>
/// <c>dotnet test</c> runs test projects side by side. These projects measure time and start clusters, so each waits for its turn: a lock on a file,
/// which the kernel drops with the process. Opened with libc, because .NET would try to lock the file itself and fail instead of waiting.
/// </summary>
public sealed partial class OneProjectAtATime : IDisposable
{
    private const int ReadWriteCreateCloseOnExec = 0x2 | 0x40 | 0x80000;
    private const int AnyoneMayReadAndWrite = 0b110_110_110;
    private const int LockExclusive = 2;

    private readonly int _file = Open(Path.Combine(Path.GetTempPath(), "gemini-tests.lock"), ReadWriteCreateCloseOnExec, AnyoneMayReadAndWrite);

    public OneProjectAtATime()
    {
        if (_file < 0 || Lock(_file, LockExclusive) != 0)
            throw new IOException($"The test lock cannot be taken: errno {Marshal.GetLastPInvokeError()}.");
    }

    public void Dispose() => _ = Close(_file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
