using System.Collections.Concurrent;
using Gemini.Grains.Hosts;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>The repeated work of a host survives every failed attempt.</summary>
public sealed class HostLoopTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _lines = new();

    [Fact]
    public async Task Attempt_FailsInEveryWay_IsMadeAgain_AndSaidOncePerChange()
    {
        Exception[] failures =
        [
            new TimeoutException("no answer after 17 ms"), new TimeoutException("no answer after 18 ms"), new InvalidOperationException("a bug"),
            new OperationCanceledException("somebody else's token"), new IOException("disk full"), new IOException("disk full"),
        ];
        using var stop = new CancellationTokenSource();
        var attempts = 0;
        var told = new List<Exception>();
        var loop = new HostLoop("Trying", _ =>
        {
            attempts++;
            return attempts <= failures.Length ? Task.FromException(failures[attempts - 1]) : Never(stop.Token);
        })
        {
            Failed = told.Add,
        };
        var run = HostLoop.RunAsync([loop], _time, _lines, stop.Token);
        await Wait.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return attempts == failures.Length + 1;
        }, "all attempts");
        await stop.CancelAsync();

        Assert.Null(await run.WaitAsync(Wait.Limit));
        Assert.Equal(failures, told);
        Assert.Equal(
        [
            "Trying failed; trying again: TimeoutException: no answer after 17 ms",
            "Trying failed; trying again: InvalidOperationException: a bug",
            "Trying failed; trying again: OperationCanceledException: somebody else's token",
            "Trying failed; trying again: IOException: disk full",
        ], _lines.All);
    }

    [Fact]
    public async Task Attempt_ThrowsBeforeItsFirstAwait_IsMadeAgain()
    {
        using var stop = new CancellationTokenSource();
        var attempts = 0;
        var loop = new HostLoop("Trying", _ => ++attempts < 3 ? throw new InvalidOperationException("at once") : Never(stop.Token));
        var run = HostLoop.RunAsync([loop], _time, _lines, stop.Token);
        await Wait.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return attempts == 3;
        }, "the third attempt");
        await stop.CancelAsync();
        Assert.Null(await run.WaitAsync(Wait.Limit));
    }

    [Fact]
    public async Task Attempt_WorksAgain_IsSaidOnce()
    {
        using var stop = new CancellationTokenSource();
        var attempts = 0;
        var loop = new HostLoop("Trying", _ => ++attempts switch
        {
            1 => Task.FromException(new IOException("disk full")),
            < 5 => Task.CompletedTask,
            _ => Never(stop.Token),
        });
        var run = HostLoop.RunAsync([loop], _time, _lines, stop.Token);
        await Wait.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return attempts == 5;
        }, "all attempts");
        await stop.CancelAsync();
        Assert.Null(await run.WaitAsync(Wait.Limit));
        Assert.Equal(["Trying failed; trying again: IOException: disk full", "Trying works again"], _lines.All);
    }

    [Fact]
    public async Task HostOfAnotherJob_EndsTheHost_WithTheReason()
    {
        using var stop = new CancellationTokenSource();
        var ended = await HostLoop.RunAsync(
            [
                new HostLoop("Waiting", Never),
                new HostLoop("Reporting", _ => throw new JobMismatchException("Host a is configured for another job.")),
            ],
            _time, _lines, stop.Token).WaitAsync(Wait.Limit);
        Assert.Equal(new HostLoopEnd("Host a is configured for another job.", IsRefusal: true), ended);
        await stop.CancelAsync();
    }

    /// <summary>The state of the host is wrong, and another attempt would continue with it.</summary>
    [Fact]
    public async Task InvariantIsViolated_EndsTheHost_WithALineThatNamesIt()
    {
        using var stop = new CancellationTokenSource();
        var loop = new HostLoop("Reporting", _ => throw new InvariantViolatedException("a slot is owned twice"));
        var ended = await HostLoop.RunAsync([loop], _time, _lines, stop.Token).WaitAsync(Wait.Limit);
        Assert.False(ended!.IsRefusal);
        Assert.StartsWith("Reporting has ended: Gemini.Interfaces.InvariantViolatedException: a slot is owned twice", ended.Reason, StringComparison.Ordinal);
        Assert.Empty(_lines.All);
    }

    /// <summary>The handler of failed attempts itself throws. Nothing guards that handler.</summary>
    [Fact]
    public async Task LoopEnds_EndsTheHost_WithALineThatNamesIt()
    {
        using var stop = new CancellationTokenSource();
        var loop = new HostLoop("Trying", _ => throw new IOException("disk full")) { Failed = _ => throw new InvalidOperationException("a bug") };
        var ended = await HostLoop.RunAsync([loop], _time, _lines, stop.Token).WaitAsync(Wait.Limit);
        Assert.StartsWith("Trying has ended: System.InvalidOperationException: a bug", ended!.Reason, StringComparison.Ordinal);
    }

    /// <summary>Waits until it is cancelled.</summary>
    private static Task Never(CancellationToken ct) => new TaskCompletionSource().Task.WaitAsync(ct);
}
