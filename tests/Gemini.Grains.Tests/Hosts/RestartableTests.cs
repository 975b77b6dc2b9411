using Gemini.Grains.Hosts;

namespace Gemini.Grains.Tests.Hosts;

public sealed class RestartableTests : IDisposable
{
    private readonly Restartable _work = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _work.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public void Cancel_EndsTheWorkThatRuns_AndNotTheNext()
    {
        var first = _work.Begin(_stop.Token);
        _work.Cancel();
        var second = _work.Begin(_stop.Token);

        Assert.Equal((true, false), (first.IsCancellationRequested, second.IsCancellationRequested));
    }

    /// <summary>The order came first, and the work that begins now is for the newer order already.</summary>
    [Fact]
    public void Cancel_WithoutWork_CancelsNothing()
    {
        _work.Cancel();

        Assert.False(_work.Begin(_stop.Token).IsCancellationRequested);
    }

    [Fact]
    public void Stop_EndsTheWork()
    {
        var work = _work.Begin(_stop.Token);

        _stop.Cancel();

        Assert.True(work.IsCancellationRequested);
    }

    /// <summary>A call of another thread may come when the host has ended.</summary>
    [Fact]
    public void Cancel_AfterTheEnd_DoesNothing()
    {
        _work.Begin(_stop.Token);
        _work.Dispose();

        _work.Cancel();
    }
}
