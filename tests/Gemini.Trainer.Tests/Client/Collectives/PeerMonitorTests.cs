using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

public sealed class PeerMonitorTests : IDisposable
{
    /// <summary>How much the monitor looks at.</summary>
    private const int PeekBytes = 64 << 10;

    private static readonly byte[] Goodbye = Convert.FromHexString("47425942" + "FFFFFFFF" + "0000000000000080");

    private readonly SocketPair _first = new();
    private readonly SocketPair _second = new();
    private readonly ConcurrentQueue<int> _lost = new();
    private readonly PeerMonitor _monitor;

    public PeerMonitorTests() => _monitor = new PeerMonitor([(_first.Near, 4), (_second.Near, 6)], _lost.Enqueue);

    public void Dispose()
    {
        _monitor.Stop();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task Watch_NeighboursEnd_EachIsReportedOnce()
    {
        _first.Far.Dispose();
        await WaitForAsync(4);
        _second.Far.Dispose();
        await WaitForAsync(6);
        _monitor.Stop();
        Assert.Equal([4, 6], _lost);
    }

    [Fact]
    public async Task Watch_NeighbourIsKilled_IsReported()
    {
        _second.Reset();
        await WaitForAsync(6);
        Assert.Equal([6], _lost);
    }

    public static TheoryData<string, byte[], bool> LastWords => new()
    {
        { "nothing", [], true },
        { "data", new byte[100], true },
        { "goodbye", Goodbye, false },
        { "data and goodbye", [.. new byte[24], .. Goodbye], false },
        { "as much as it looks at", [.. new byte[PeekBytes - 16], .. Goodbye], false },
        { "more than it looks at", [.. new byte[PeekBytes], .. Goodbye], true },
        { "part of a goodbye", Goodbye[..15], true },
        { "goodbye and data", [.. Goodbye, 0], true },
        { "goodbye of another sequence", [.. Goodbye[..4], 0, 0, 0, 0, .. Goodbye[8..]], true },
    };

    /// <summary>
    /// What is unread when the neighbour ends decides whether it is lost. Then the second neighbour ends without a word: the monitor looks at the first
    /// one before it.
    /// </summary>
    [Theory]
    [MemberData(nameof(LastWords))]
    public async Task Watch_NeighbourEndsAfterWords_OnlyAGoodbyeAtTheEndCounts(string words, byte[] unread, bool isLost)
    {
        Assert.NotEmpty(words);
        await _first.Far.SendAsync(unread, TestContext.Current.CancellationToken);
        _first.Far.Dispose();
        await Wait.UntilAsync(() => HasEnded(_first), "the end of the first connection");
        _second.Far.Dispose();
        await WaitForAsync(6);
        _monitor.Stop();

        Assert.Equal(isLost ? [4, 6] : [6], _lost);
        Assert.Equal(unread.Length, _first.Near.Available);
    }

    [Fact]
    public async Task Watch_NeighbourSendsAndStays_IsNotLost()
    {
        await _first.Far.SendAsync(new byte[1000], TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => _first.Near.Available == 1000, "the data");
        _second.Far.Dispose();
        await WaitForAsync(6);
        _monitor.Stop();
        Assert.Equal([6], _lost);
    }

    [Fact]
    public void Stop_NeighbourEndsAfterwards_IsNotReported()
    {
        _monitor.Stop();
        _first.Far.Dispose();
        Assert.True(HasEndedSoon(_first));
        Assert.Empty(_lost);
    }

    private Task WaitForAsync(int rank) => Wait.UntilAsync(() => _lost.Contains(rank), $"the loss of rank {rank}");

    private static bool HasEnded(SocketPair pair)
    {
        SocketPoll.Entry[] entries = [SocketPoll.Of(pair.Near, SocketPoll.PeerClosed)];
        SocketPoll.Wait(entries, 0);
        return (entries[0].Returned & SocketPoll.PeerClosed) != 0;
    }

    private static bool HasEndedSoon(SocketPair pair)
    {
        SocketPoll.Entry[] entries = [SocketPoll.Of(pair.Near, SocketPoll.PeerClosed)];
        SocketPoll.Wait(entries, (int)TestRings.Limit.TotalMilliseconds);
        return (entries[0].Returned & SocketPoll.PeerClosed) != 0;
    }

    [Fact]
    public void Goodbye_IsTheFrameThatARankSends()
    {
        var frame = RingFrame.Goodbye;
        Assert.Equal(Goodbye, MemoryMarshal.AsBytes(new ReadOnlySpan<RingFrame>(in frame)).ToArray());
    }
}
