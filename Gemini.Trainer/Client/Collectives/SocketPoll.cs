using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>poll(2). .NET's own waits cannot report that the peer has closed its end while received data is still unread.</summary>
internal static partial class SocketPoll
{
    public const short Readable = 0x1;
    public const short Writable = 0x4;

    /// <summary>POLLRDHUP: the peer has closed its end, even if data is still unread. Errors and hang-ups are always reported too.</summary>
    public const short PeerClosed = 0x2000;

    /// <summary>A <c>struct pollfd</c>. The kernel ignores an entry with a negative descriptor.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Entry
    {
        public int Descriptor;
        public short Requested;
        public short Returned;
    }

    /// <summary>The caller must keep the socket open while it uses the entry.</summary>
    public static Entry Of(Socket socket, short requested) =>
        new() { Descriptor = requested == 0 ? -1 : (int)socket.SafeHandle.DangerousGetHandle(), Requested = requested };

    /// <summary>Waits until an entry has an event or the time is over. An interrupted wait reports no event.</summary>
    public static unsafe void Wait(Span<Entry> entries, int timeoutMilliseconds)
    {
        fixed (Entry* first = entries)
            if (Poll(first, (nuint)entries.Length, timeoutMilliseconds) <= 0)
                foreach (ref var entry in entries) entry.Returned = 0;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static unsafe partial int Poll(Entry* entries, nuint count, int timeoutMilliseconds);
}
