using System.Runtime.InteropServices;

namespace Gemini.Silo.Processes;

/// <summary>Sends signals to processes and to groups of processes. If there is no such process, nothing happens.</summary>
internal static partial class ProcessSignals
{
    public const int Sigkill = 9;

    private const int Sigterm = 15;
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    /// <summary>SIGSTOP: the process keeps all its resources, but does not run.</summary>
    public static void Stop(int processId) => Send(processId, Sigstop);

    /// <summary>SIGCONT.</summary>
    public static void Continue(int processId) => Send(processId, Sigcont);

    /// <summary>SIGTERM to every process of the group.</summary>
    public static void TerminateGroup(int leader) => SendToGroup(leader, Sigterm);

    /// <summary>SIGKILL to every process of the group.</summary>
    public static void KillGroup(int leader) => SendToGroup(leader, Sigkill);

    /// <summary>Sends the signal of this number, signal(7), to one process.</summary>
    public static void Send(int processId, int signal)
    {
        // For kill(2), 0 and negative numbers mean groups of processes, also the group of this process.
        if (processId > 1) _ = Signal(processId, signal);
    }

    /// <summary>Sends the signal of this number to every process of a group.</summary>
    /// <param name="leader">Process id of the group's leader, which may have ended.</param>
    /// <param name="signal">Its number, signal(7).</param>
    public static void SendToGroup(int leader, int signal)
    {
        // For kill(2), -1 means every process.
        if (leader > 1) _ = Signal(-leader, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int processId, int signal);
}
