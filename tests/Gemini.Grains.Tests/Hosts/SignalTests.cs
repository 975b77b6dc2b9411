using Gemini.Grains.Hosts;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Grains.Tests.Hosts;

public sealed class SignalTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Real time. A wait that should have ended and lasts longer counts as a hang.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly Signal _signal;

    public SignalTests() => _signal = new Signal(_time);

    [Fact]
    public void SetBeforeTheWait_IsNotLost()
    {
        _signal.Set();

        Assert.True(_signal.WaitAsync(Period, CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public void ManySets_AreOne()
    {
        _signal.Set();
        _signal.Set();

        Assert.True(_signal.WaitAsync(Period, CancellationToken.None).IsCompletedSuccessfully);
        Assert.False(_signal.WaitAsync(Period, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task SetDuringTheWait_EndsIt_AndCountsOnce()
    {
        var wait = _signal.WaitAsync(Period, CancellationToken.None);
        Assert.False(wait.IsCompleted);

        _signal.Set();

        await wait.WaitAsync(Hang);
        Assert.False(_signal.WaitAsync(Period, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task NotSet_TheWaitEndsAtTheLimit_ByTheInjectedClock()
    {
        var wait = _signal.WaitAsync(Period, CancellationToken.None);
        _time.Advance(Period - TimeSpan.FromMilliseconds(1));
        Assert.False(wait.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        await wait.WaitAsync(Hang);
    }

    [Fact]
    public async Task Cancelled_TheWaitThrows_AndALaterSetIsKept()
    {
        using var stop = new CancellationTokenSource();
        var wait = _signal.WaitAsync(Period, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Hang));
        _signal.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _signal.WaitAsync(Period, stop.Token));
        Assert.True(_signal.WaitAsync(Period, CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public void Next_OfSeveralWaiters_CompletesForAll_AtTheSetAfterItWasTaken()
    {
        _signal.Set();
        var (first, second) = (_signal.Next, _signal.Next);
        Assert.False(first.IsCompleted || second.IsCompleted);

        _signal.Set();

        Assert.True(first.IsCompletedSuccessfully && second.IsCompletedSuccessfully);
        Assert.False(_signal.Next.IsCompleted);
    }

    [Fact]
    public void ASetThatNextHasSeen_IsThereForTheLoopToo()
    {
        var next = _signal.Next;

        _signal.Set();

        Assert.True(next.IsCompletedSuccessfully);
        Assert.True(_signal.WaitAsync(Period, CancellationToken.None).IsCompletedSuccessfully);
    }
}
