using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>Notices at once that a neighbour has closed its connection, even while this rank computes and reads nothing.</summary>
internal sealed class PeerMonitor
{
    // The longest until the monitor notices that it must stop. A loss wakes it at once.
    private const int SliceMilliseconds = 50;

    // When a rank leaves after a barrier, at most that barrier's data is unread at its neighbours: 8 bytes per rank. With more unread data, the end
    // of the connection counts as a death.
    private const int PeekSizeBytes = 64 << 10;

    private readonly (Socket Socket, int Rank)[] _neighbours;
    private readonly Action<int> _lost;
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <param name="neighbours">Sockets that stay open until <see cref="Stop"/> has returned.</param>
    /// <param name="lost">Called on the monitor's thread with the rank of a lost neighbour, for each connection once.</param>
    public PeerMonitor((Socket Socket, int Rank)[] neighbours, Action<int> lost)
    {
        _neighbours = neighbours;
        _lost = lost;
        _thread = new Thread(Watch) { IsBackground = true, Name = "ring monitor" };
        _thread.Start();
    }

    /// <summary>Returns when the monitor will report no further loss.</summary>
    public void Stop()
    {
        _stopping = true;
        _thread.Join();
    }

    private void Watch()
    {
        var entries = Array.ConvertAll(_neighbours, neighbour => SocketPoll.Of(neighbour.Socket, SocketPoll.PeerClosed));
        var unread = new byte[PeekSizeBytes];
        while (!_stopping)
        {
            SocketPoll.Wait(entries, SliceMilliseconds);
            for (var i = 0; i < entries.Length; i++)
            {
                if (entries[i].Returned == 0 || _stopping) continue;
                entries[i].Descriptor = -1;
                if (!SaidGoodbye(_neighbours[i].Socket, unread)) _lost(_neighbours[i].Rank);
            }
        }
    }

    /// <summary>Whether the unread data ends with a goodbye frame. Leaves the data in the socket.</summary>
    private static bool SaidGoodbye(Socket socket, byte[] unread)
    {
        var count = socket.Receive(unread, SocketFlags.Peek, out var error);
        return error == SocketError.Success && count >= RingFrame.SizeBytes
            && MemoryMarshal.Read<RingFrame>(unread.AsSpan(count - RingFrame.SizeBytes)) == RingFrame.Goodbye;
    }
}
