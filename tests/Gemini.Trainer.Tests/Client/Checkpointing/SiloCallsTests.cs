using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;
using Orleans.Runtime;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>Calls to a silo that answers, dies, hangs or comes back. The connection is a real socket; the clock is the test's.</summary>
public sealed class SiloCallsTests : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    private readonly TestFolder _folder = new();
    private readonly FakeSilo _silo;
    private readonly HeldTimers _time = new();
    private readonly SiloConnection _connection;
    private readonly SiloCalls _calls;

    public SiloCallsTests()
    {
        _silo = new FakeSilo(_folder);
        var options = SessionFixture.LeastOptions(_folder.Paths.TrainerSocket, lockPath: "") with
        {
            ReconnectInterval = Pause,
            CallTimeout = CallTimeout,
            TimeProvider = _time,
        };
        _connection = new SiloConnection(options, () => [new TrainerWarm()], _ => { }, _ => { });
        _calls = new SiloCalls(_silo, _connection, options);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _silo.Kill();
        _folder.Dispose();
    }

    [Fact]
    public async Task Ask_SiloAnswers_IsTheAnswerOfOneCall()
    {
        _connection.Start();
        var calls = 0;
        Assert.Equal(7, await _calls.AskAsync(_ => Task.FromResult(7 + calls++), Ct));
        await _calls.TellAsync(_ => Task.FromResult(calls++), Ct);
        Assert.Equal(2, calls);
    }

    /// <summary>Nobody is asked as long as there is no silo.</summary>
    [Fact]
    public async Task Ask_NoSiloYet_WaitsForItsConnection()
    {
        _silo.Kill();
        var calls = 0;
        var asking = _calls.AskAsync(_ => Task.FromResult(++calls), Ct);
        _connection.Start();
        await _time.WaitForAsync(Pause);
        Assert.Equal((0, false), (calls, asking.IsCompleted));
        _silo.Start();
        await _time.FireAsync(Pause);
        Assert.Equal(1, await asking.WaitAsync(FakeSilo.Limit, Ct));
    }

    /// <summary>What the silo refuses is not asked again.</summary>
    [Fact]
    public async Task Ask_SiloRefuses_ThrowsItsException()
    {
        _connection.Start();
        var calls = 0;
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => _calls.AskAsync<int>(
            _ =>
            {
                calls++;
                return Task.FromException<int>(new InvalidOperationException("no such rank"));
            },
            Ct));
        Assert.Equal(("no such rank", 1), (error.Message, calls));
    }

    /// <summary>All that the Orleans client throws if a call does not get through: no connection, no answer, no silo of the host, a call that it gave up.</summary>
    public static TheoryData<Exception> Silences =>
        [new OrleansException("no gateway"), new TimeoutException(), new HostUnavailableException(new HostName("a")), new OperationCanceledException()];

    [Theory]
    [MemberData(nameof(Silences))]
    public async Task Ask_SiloIsUnreachableNow_AsksAgainAfterThePause(Exception silence)
    {
        _connection.Start();
        var calls = 0;
        var asking = _calls.AskAsync(_ => ++calls < 3 ? Task.FromException<int>(silence) : Task.FromResult(calls), Ct);
        await _time.FireAsync(Pause);
        await _time.FireAsync(Pause);
        Assert.Equal(3, await asking.WaitAsync(FakeSilo.Limit, Ct));
    }

    /// <summary>The client of Orleans would notice the death only after its time-out.</summary>
    [Fact]
    public async Task Ask_SiloDiesDuringTheCall_AsksTheNextSilo()
    {
        _connection.Start();
        var first = new TaskCompletionSource<int>();
        var calls = 0;
        var asking = _calls.AskAsync(_ => ++calls == 1 ? first.Task : Task.FromResult(calls), Ct);
        await Wait.UntilAsync(() => calls == 1, "the first call");
        _silo.Kill();
        // One pause is that of the call, the other that of the connection.
        await Wait.UntilAsync(() => _connection.Current is null, "the end of the connection");
        _silo.Start();
        await FireUntilAsync(asking);
        Assert.Equal(2, await asking);
        // The answer of the dead silo comes to nobody, also if it is an error.
        first.SetException(new TimeoutException());
    }

    [Fact]
    public async Task Ask_NoAnswerInTwiceTheCallsTime_AsksAgain()
    {
        _connection.Start();
        var calls = 0;
        var asking = _calls.AskAsync(_ => ++calls == 1 ? new TaskCompletionSource<int>().Task : Task.FromResult(calls), Ct);
        await _time.FireAsync(CallTimeout * 2);
        await _time.FireAsync(Pause);
        Assert.Equal(2, await asking.WaitAsync(FakeSilo.Limit, Ct));
    }

    /// <summary>Nobody is asked for something that is over, although the silo is there.</summary>
    [Fact]
    public async Task Ask_CancelledBefore_AsksNobody()
    {
        _connection.Start();
        await _connection.ConnectedAsync(Ct).WaitAsync(FakeSilo.Limit, Ct);
        var calls = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _calls.AskAsync(_ => Task.FromResult(++calls), new CancellationToken(canceled: true)));
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task Ask_Cancelled_EndsInEveryWait()
    {
        using var stop = new CancellationTokenSource();
        var withoutSilo = _calls.AskAsync(_ => Task.FromResult(1), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withoutSilo);

        _connection.Start();
        using var stopCall = new CancellationTokenSource();
        var calls = 0;
        var inTheCall = _calls.AskAsync(
            _ =>
            {
                calls++;
                return new TaskCompletionSource<int>().Task;
            },
            stopCall.Token);
        await Wait.UntilAsync(() => calls == 1, "the call");
        await stopCall.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inTheCall);

        using var stopPause = new CancellationTokenSource();
        var inThePause = _calls.AskAsync(_ => Task.FromException<int>(new TimeoutException()), stopPause.Token);
        await _time.WaitForAsync(Pause);
        await stopPause.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inThePause);
    }

    private async Task FireUntilAsync(Task done)
    {
        while (!done.IsCompleted)
        {
            await Wait.UntilAsync(() => done.IsCompleted || _time.Has(Pause), "a pause or the end");
            if (!done.IsCompleted && _time.Has(Pause)) await _time.FireAsync(Pause);
        }
    }
}
