using System.Net.Sockets;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

/// <summary>When a ring marks the network as busy: in a real page, with real sockets or with a queue that the test plays.</summary>
public sealed class NetworkMarksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NetworkUse _use;
    private readonly NetworkPage _page;
    private volatile bool _hasDrained = true;

    public NetworkMarksTests()
    {
        var name = Path.Combine(_folder.Path, "trainer-0.network");
        _use = NetworkUse.Open(name, TimeProvider.System, line => Assert.Fail(line));
        _page = NetworkPage.OpenToRead(name);
    }

    public void Dispose()
    {
        _page.Dispose();
        _use.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void QueueIsEmpty_TheNetworkIsIdleAtOnce()
    {
        using var marks = Marks();
        marks.Enter();
        Assert.True(_page.IsBusy);
        marks.Leave();
        Assert.Equal((false, 2L), (_page.IsBusy, _page.Changes));
    }

    [Fact]
    public async Task QueueIsNotEmpty_TheNetworkIsBusyUntilItIs()
    {
        using var marks = Marks();
        _hasDrained = false;
        marks.Enter();
        marks.Leave();
        Assert.True(_page.IsBusy);
        _hasDrained = true;
        await Wait.UntilAsync(() => !_page.IsBusy, "the end of the queue");
        Assert.Equal(2, _page.Changes);
    }

    /// <summary>Between two collectives whose bytes still leave, the network is not idle. The empty span counts, so that each iteration has as many.</summary>
    [Fact]
    public void NextCollectiveBeginsWhileBytesLeave_TheSpanBetweenIsEmpty()
    {
        using var marks = Marks();
        _hasDrained = false;
        marks.Enter();
        marks.Leave();
        marks.Enter();
        Assert.Equal((true, 3L), (_page.IsBusy, _page.Changes));
        _hasDrained = true;
        marks.Leave();
        Assert.Equal((false, 4L), (_page.IsBusy, _page.Changes));
    }

    [Fact]
    public void Dispose_WhileBytesLeave_IsIdle()
    {
        using (var marks = Marks())
        {
            _hasDrained = false;
            marks.Enter();
            marks.Leave();
        }

        Assert.Equal((false, 2L), (_page.IsBusy, _page.Changes));
    }

    [Fact]
    public void EnterAndLeave_AllocateNothing()
    {
        using var link = new SocketPair();
        using var marks = new NetworkMarks(_use, () => TcpQueue.Of(link.Near).HasDrained);
        Repeat(marks, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Repeat(marks, 1_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Ring_IsBusyInEachCollectiveAndIdleAfterwards()
    {
        using var rings = await TestRings.ConnectAsync(2);
        rings.Rings[0].MarkIn(_use);
        var seen = 0L;
        await rings.OnAllAsync(ring =>
        {
            ring.AllReduceSum(1);
            if (ring.Rank == 0) seen = _page.Changes;
            ring.AllReduceSum(new float[100_000]);
        });
        await Wait.UntilAsync(() => !_page.IsBusy, "the end of the queue");
        Assert.InRange(seen, 1, 2);
        Assert.InRange(_page.Changes, 2, 6);
    }

    /// <summary>A lost peer ends a collective in its middle. The network is idle then, too.</summary>
    [Fact]
    public async Task Ring_CollectiveIsAborted_IsIdleAfterwards()
    {
        using var rings = await TestRings.ConnectAsync(2);
        rings.Rings[0].MarkIn(_use);
        var aborted = TestRings.OnThreadAsync(() => Record.Exception(() => rings.Rings[0].AllReduceSum(1)));
        await Wait.UntilAsync(() => _page.IsBusy, "the collective");
        rings.Rings[0].Abort();
        Assert.IsType<CollectiveAbortedException>(await aborted);
        await Wait.UntilAsync(() => !_page.IsBusy, "the end");
    }

    /// <summary>The peer's window and this side's buffer fill up. A call that returned has not sent its bytes yet.</summary>
    [Fact]
    public async Task TcpQueue_HasDrained_OnlyWhenThePeerHasTheBytes()
    {
        using var link = new SocketPair();
        link.Near.Blocking = false;
        Assert.True(TcpQueue.Of(link.Near).HasDrained);
        var (data, sent) = (new byte[1 << 16], 0);
        while (link.Near.Send(data, SocketFlags.None, out _) is > 0 and var count) sent += count;
        Assert.False(TcpQueue.Of(link.Near).HasDrained);
        _ = await SocketPair.ReadAsync(link.Far, sent, TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => TcpQueue.Of(link.Near).HasDrained, "the acknowledgements");
        link.Near.Dispose();
        Assert.True(TcpQueue.Of(link.Near).HasDrained);
    }

    /// <summary>Training never fails because of a page.</summary>
    [Fact]
    public void NoPage_OrOneThatCannotBeMade_IsSaidAndDoesNothing()
    {
        var lines = new List<string>();
        using (var none = NetworkUse.Open("", TimeProvider.System, lines.Add)) none.Begin();
        Assert.Empty(lines);
        using var failed = NetworkUse.Open(Path.Combine(_folder.Path, "absent", "page"), TimeProvider.System, lines.Add);
        failed.Begin();
        failed.End();
        failed.BeginIteration();
        failed.Interrupt();
        Assert.StartsWith("The host cannot see when this trainer uses the network: ", Assert.Single(lines));
    }

    private NetworkMarks Marks() => new(_use, () => _hasDrained);

    private static void Repeat(NetworkMarks marks, int times)
    {
        for (var time = 0; time < times; time++)
        {
            marks.Enter();
            marks.Leave();
        }
    }
}
