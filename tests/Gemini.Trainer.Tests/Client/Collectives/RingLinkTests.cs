using System.Net.Sockets;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

/// <summary>The two connections of rank 1 of 4: to rank 2, and from rank 0.</summary>
public sealed class RingLinkTests : IDisposable
{
    private readonly SocketPair _next = new();
    private readonly SocketPair _previous = new();
    private readonly RingLink _link;

    public RingLinkTests()
    {
        _next.Near.Blocking = _previous.Near.Blocking = false;
        _link = new RingLink(_next.Near, _previous.Near, new RingIdentity(1, 4, 7, JobSecret.None), new WaitMeter(new HeldTimers()));
    }

    public void Dispose()
    {
        _link.Dispose();
        _next.Dispose();
        _previous.Dispose();
    }

    [Fact]
    public async Task TryReceive_NothingThereYet_IsZeroAndThenWhatCame()
    {
        var data = new byte[10];
        Assert.Equal(0, _link.TryReceive(data));
        await _previous.Far.SendAsync("abc"u8.ToArray(), TestContext.Current.CancellationToken);

        var received = 0;
        await Wait.UntilAsync(() => (received += _link.TryReceive(data.AsSpan(received))) == 3, "three bytes");
        Assert.Equal("abc"u8.ToArray(), data[..3]);
        Assert.Equal(0, _link.TryReceive(data));
    }

    [Fact]
    public async Task TrySend_PeerTakesNoMore_IsZeroUntilItReads()
    {
        byte[] data = [.. Enumerable.Range(0, 1 << 16).Select(index => (byte)(index * 31))];
        long sent = 0;
        while (_link.TrySend(data.AsSpan((int)(sent % data.Length))) is > 0 and var count) sent += count;
        Assert.InRange(sent, 1, 1L << 30);
        Assert.Equal(0, _link.TrySend(data));

        var read = await SocketPair.ReadAsync(_next.Far, (int)sent, TestContext.Current.CancellationToken);
        for (var index = 0; index < sent; index++)
            if (read[index] != data[index % data.Length]) Assert.Fail($"Byte {index} of {sent} is {read[index]}.");
        await Wait.UntilAsync(() => _link.TrySend(data.AsSpan(0, 1)) == 1, "room for one byte");
    }

    [Fact]
    public async Task TryReceive_PreviousHasEnded_IsItsLoss()
    {
        _previous.Far.Dispose();
        PeerLostException? lost = null;
        await Wait.UntilAsync(() => (lost = Record.Exception(() => _link.TryReceive(new byte[1])) as PeerLostException) is not null, "the end");

        Assert.Equal((0, "The connection to rank 0 was lost."), (lost!.Rank, lost.Message));
        Assert.Equal(0, await _link.PeerLost.WaitAsync(TestRings.Limit, TestContext.Current.CancellationToken));
        Assert.Equal(0, Assert.Throws<PeerLostException>(_link.ThrowIfBroken).Rank);
    }

    /// <summary>What arrived before the end is still received.</summary>
    [Fact]
    public async Task TryReceive_PreviousEndsAfterItsData_TheDataComesFirst()
    {
        await _previous.Far.SendAsync("abc"u8.ToArray(), TestContext.Current.CancellationToken);
        _previous.Far.Dispose();
        Assert.Equal(0, await _link.PeerLost.WaitAsync(TestRings.Limit, TestContext.Current.CancellationToken));

        var data = new byte[10];
        Assert.Equal(3, _link.TryReceive(data));
        Assert.Throws<PeerLostException>(() => _link.TryReceive(data));
    }

    [Fact]
    public async Task TrySend_NextWasKilled_IsItsLoss()
    {
        _next.Reset();
        PeerLostException? lost = null;
        await Wait.UntilAsync(() => (lost = Record.Exception(() => _link.TrySend(new byte[1])) as PeerLostException) is not null, "the loss");
        Assert.Equal(2, lost!.Rank);
    }

    [Fact]
    public void Lost_TwoNeighbours_TheFirstCounts()
    {
        _link.ThrowIfBroken();
        Assert.Equal(2, _link.Lost(2).Rank);
        Assert.Equal(2, _link.Lost(0).Rank);
        Assert.Equal(2, Assert.Throws<PeerLostException>(_link.ThrowIfBroken).Rank);
    }

    [Fact]
    public void Abort_BeforeOrAfterALoss_IsWhatCounts()
    {
        _link.Lost(2);
        _link.Abort();
        Assert.Throws<CollectiveAbortedException>(_link.ThrowIfBroken);
    }

    /// <summary>The bytes are part of the protocol between two versions of this program.</summary>
    [Fact]
    public async Task Dispose_AtABarrier_SaysGoodbyeToBoth()
    {
        _link.IsAtBarrier = true;
        _link.Dispose();

        foreach (var neighbour in (Socket[])[_next.Far, _previous.Far])
            Assert.Equal("47425942" + "FFFFFFFF" + "0000000000000080", Convert.ToHexString(await ReadToEndAsync(neighbour)));
        Assert.True(_link.PeerLost.IsCanceled);
    }

    [Theory]
    [InlineData("not at a barrier")]
    [InlineData("aborted")]
    [InlineData("lost")]
    public async Task Dispose_Otherwise_SaysNothing(string how)
    {
        _link.IsAtBarrier = how != "not at a barrier";
        if (how == "aborted") _link.Abort();
        if (how == "lost") _link.Lost(2);
        _link.Dispose();

        Assert.Empty(await ReadToEndAsync(_next.Far));
        Assert.Empty(await ReadToEndAsync(_previous.Far));
        Assert.Equal(how == "lost", _link.PeerLost.IsCompletedSuccessfully);
    }

    /// <summary>Neighbours that have ended before need no goodbye, and their absence is no error.</summary>
    [Fact]
    public void Dispose_AtABarrierAndNeighboursAreGone_Returns()
    {
        _link.IsAtBarrier = true;
        _next.Reset();
        _previous.Reset();
        _link.Dispose();
        Assert.True(_link.PeerLost.IsCompleted);
    }

    /// <summary>This clock advances by a millisecond each time that it is asked: once before and once after the wait.</summary>
    [Fact]
    public async Task Wait_DataIsThere_ReturnsAndIsCounted()
    {
        await _previous.Far.SendAsync(new byte[1], TestContext.Current.CancellationToken);
        _link.Wait(wantsSend: false, wantsReceive: true);
        Assert.Equal(TimeSpan.FromMilliseconds(1), _link.Waits.Total);
        _link.Wait(wantsSend: true, wantsReceive: false);
        Assert.Equal(TimeSpan.FromMilliseconds(2), _link.Waits.Total);
    }

    private static Task<byte[]> ReadToEndAsync(Socket socket) => SocketPair.ReadToEndAsync(socket, 100, TestContext.Current.CancellationToken);
}
