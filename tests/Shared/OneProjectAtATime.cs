using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

[assembly: Xunit.AssemblyFixture(typeof(Gemini.Testing.OneProjectAtATime))]

namespace Gemini.Testing;

/// <summary>
/// <c>dotnet test</c> runs test projects side by side. These measure time and start clusters, so each waits for its turn: a
/// lock on a file, which the kernel drops with the process.
/// </summary>
public sealed partial class OneProjectAtATime : IDisposable
{
    private const int LockExclusive = 2;

    private readonly SafeFileHandle _file = File.OpenHandle(
        Path.Combine(Path.GetTempPath(), "gemini-tests.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    public OneProjectAtATime()
    {
        if (LockFile((int)_file.DangerousGetHandle(), LockExclusive) != 0)
            throw new IOException($"The test lock cannot be taken: errno {Marshal.GetLastPInvokeError()}.");
    }

    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int LockFile(int descriptor, int operation);
}
