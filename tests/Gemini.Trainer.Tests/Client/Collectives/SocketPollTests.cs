using System.Net.Sockets;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

public sealed class SocketPollTests : IDisposable
{
    private static readonly int LongMilliseconds = (int)TestRings.Limit.TotalMilliseconds;

    private readonly SocketPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void Of_NothingRequested_TheKernelIgnoresTheEntry()
    {
        _pair.Far.Dispose();
        Span<SocketPoll.Entry> entries = [SocketPoll.Of(_pair.Near, 0)];
        Assert.Equal(-1, entries[0].Descriptor);
        SocketPoll.Wait(entries, 0);
        Assert.Equal(0, entries[0].Returned);
    }

    [Fact]
    public void Wait_DataArrives_IsReadable()
    {
        Span<SocketPoll.Entry> entries = [SocketPoll.Of(_pair.Near, SocketPoll.Readable)];
        SocketPoll.Wait(entries, 0);
        Assert.Equal(0, entries[0].Returned);
        _pair.Far.Send(new byte[1]);
        SocketPoll.Wait(entries, LongMilliseconds);
        Assert.Equal(SocketPoll.Readable, entries[0].Returned);
    }

    [Fact]
    public void Wait_RoomInTheBuffer_IsWritableUntilItIsFull()
    {
        Span<SocketPoll.Entry> entries = [SocketPoll.Of(_pair.Near, SocketPoll.Writable)];
        SocketPoll.Wait(entries, 0);
        Assert.Equal(SocketPoll.Writable, entries[0].Returned);

        _pair.Near.Blocking = false;
        var data = new byte[1 << 16];
        while (_pair.Near.Send(data, SocketFlags.None, out var error) > 0 && error == SocketError.Success)
        {
            // Until the peer's buffer and the own one are full.
        }

        SocketPoll.Wait(entries, 0);
        Assert.Equal(0, entries[0].Returned);
    }

    /// <summary>.NET's own waits do not report this: received data is still unread.</summary>
    [Fact]
    public void Wait_PeerEndsWithUnreadData_IsReported()
    {
        Span<SocketPoll.Entry> entries = [SocketPoll.Of(_pair.Near, SocketPoll.PeerClosed)];
        _pair.Far.Send(new byte[1]);
        SocketPoll.Wait(entries, 0);
        Assert.Equal(0, entries[0].Returned);
        _pair.Far.Dispose();
        SocketPoll.Wait(entries, LongMilliseconds);
        Assert.Equal(SocketPoll.PeerClosed, entries[0].Returned);
        Assert.Equal(1, _pair.Near.Available);
    }

    [Fact]
    public void Wait_SeveralEntries_OnlyThoseWithAnEventReturnOne()
    {
        using var other = new SocketPair();
        other.Far.Send(new byte[1]);
        Span<SocketPoll.Entry> entries =
        [
            SocketPoll.Of(_pair.Near, SocketPoll.Readable), SocketPoll.Of(other.Near, SocketPoll.Readable), SocketPoll.Of(other.Near, 0),
        ];
        SocketPoll.Wait(entries, LongMilliseconds);
        Assert.Equal([0, SocketPoll.Readable, 0], (int[])[entries[0].Returned, entries[1].Returned, entries[2].Returned]);
    }

    /// <summary>An entry that is used again may have the event of the wait before.</summary>
    [Fact]
    public void Wait_NoEvent_ClearsTheEventOfTheWaitBefore()
    {
        _pair.Far.Send(new byte[1]);
        Span<SocketPoll.Entry> entries = [SocketPoll.Of(_pair.Near, SocketPoll.Readable)];
        SocketPoll.Wait(entries, LongMilliseconds);
        _pair.Near.Receive(new byte[1]);
        SocketPoll.Wait(entries, 0);
        Assert.Equal(0, entries[0].Returned);
    }
}
