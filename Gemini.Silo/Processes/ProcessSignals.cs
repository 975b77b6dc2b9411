using System.Runtime.InteropServices;

namespace Gemini.Silo.Processes;

/// <summary>Freezes processes and thaws them.</summary>
internal static partial class ProcessSignals
{
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    /// <summary>SIGSTOP: it keeps all it has and does nothing. Nothing happens when it is gone.</summary>
    public static void Stop(int processId) => Send(processId, Sigstop);

    /// <summary>SIGCONT.</summary>
    public static void Continue(int processId) => Send(processId, Sigcont);

    private static void Send(int processId, int signal)
    {
        // To kill(2) zero and below mean groups of processes: this one's own among them.
        if (processId > 1) _ = Kill(processId, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
