using System.Runtime.InteropServices;

namespace Gemini.Testing;

/// <summary>
/// Another user of the machine: "nobody". Linux keeps a user id per thread. So one thread of this process can act as another user while the other
/// threads keep theirs. Needs root.
/// </summary>
public static partial class Stranger
{
    public const uint UserId = 65534;

    private const nint SetResUserId = 117; // x86-64's number of setresuid(2); glibc's own function changes all threads
    private const nint Unchanged = -1;

    public static void SkipUnlessRoot() => Assert.SkipUnless(EffectiveUser() == 0, "only root can act as another user");

    /// <summary>Runs the action as that user and rethrows its exception.</summary>
    public static void Do(Action action)
    {
        // Read this process's own user now, so that the cached value does not come from that thread.
        _ = Gemini.Interfaces.Files.FileStatus.CurrentUser;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Become(UserId);
                action();
            }
            catch (Exception error)
            {
                failure = error;
            }
            finally
            {
                Become(0);
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private static void Become(uint user)
    {
        if (SystemCall(SetResUserId, Unchanged, (nint)user, Unchanged) != 0) throw new InvalidOperationException($"cannot act as user {user}");
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint real, nint effective, nint saved);
}
