using System.Collections.Concurrent;
using Gemini.Grains.Machines;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Machines;

/// <summary>What every machine operator promises, whatever it uses to bring up machines.</summary>
public abstract class MachineOperatorContract : IAsyncLifetime
{
    private readonly TaskCompletionSource _firstWord = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _giveUp = new();

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected ConcurrentQueue<string> Said { get; } = [];

    private protected abstract IMachineOperator Operator { get; }

    /// <summary>How many machines came up for the host.</summary>
    private protected abstract int Machines { get; }

    /// <summary>Makes the operator's backend refuse, with the word "quota".</summary>
    private protected abstract void Refuse();

    /// <summary>Makes the backend accept the order and never complete it.</summary>
    private protected abstract void Hang();

    /// <summary>Checks that no work on an order continues.</summary>
    private protected abstract Task AssertIdleAsync();

    [Fact]
    public async Task BringUp_IsAccepted_AndOneMachineIsUp_AndItSaidSomething()
    {
        var outcome = await CallAsync(Order());
        Assert.Equal((MachineResult.Accepted, 1), (outcome.Result, Machines));
        Assert.NotEmpty(Said);
        Assert.NotEmpty(outcome.Reason);
        await AssertIdleAsync();
    }

    [Fact]
    public async Task BringUp_Refused_FailsWithTheReason()
    {
        Refuse();
        var outcome = await CallAsync(Order());
        Assert.Equal((MachineResult.Failed, 0), (outcome.Result, Machines));
        Assert.Contains("quota", outcome.Reason);
        await AssertIdleAsync();
    }

    [Fact]
    public async Task BringUp_TakesTooLong_TimesOut()
    {
        Hang();
        var outcome = await TimeOutAsync(TimeSpan.FromSeconds(2));
        Assert.Equal((MachineResult.TimedOut, 0), (outcome.Result, Machines));
        Assert.Contains("not done in 2 s", outcome.Reason);
        await AssertIdleAsync();
    }

    [Fact]
    public async Task BringUp_GivenUp_Ends()
    {
        Hang();
        var call = CallAsync(Order());
        await _firstWord.Task.WaitAsync(Wait.Limit, Stop);
        await _giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Wait.Limit, Stop));
        await AssertIdleAsync();
    }

    [Fact]
    public async Task BringUp_AskedAgainForTheSameLoss_NoSecondMachineComesUp()
    {
        Assert.Equal(MachineResult.Accepted, (await CallAsync(Order())).Result);
        Assert.Equal(MachineResult.Accepted, (await CallAsync(Order() with { Attempt = 2 })).Result);
        Assert.Equal(1, Machines);
    }

    [Fact]
    public async Task BringUp_AskedByTwoAtOnce_OneMachineComesUp()
    {
        var outcomes = await Task.WhenAll(CallAsync(Order()), CallAsync(Order()));
        Assert.Contains(outcomes, outcome => outcome.Result == MachineResult.Accepted);
        Assert.Equal(1, Machines);
    }

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync()
    {
        _giveUp.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>An order for a host that was lost a minute ago.</summary>
    private protected static MachineOrder Order() =>
        new("job", new HostName("host-b"), "for position 1", Attempt: 1, MissingFor: TimeSpan.FromMinutes(1), Limit: Wait.Limit);

    private protected Task<MachineOutcome> CallAsync(MachineOrder order) => CallAsync(order, TimeProvider.System);

    /// <summary>The limit of an order passes after the operator's first word.</summary>
    private protected async Task<MachineOutcome> TimeOutAsync(TimeSpan limit)
    {
        var time = new HeldTimers();
        var call = CallAsync(Order() with { Limit = limit }, time);
        await _firstWord.Task.WaitAsync(Wait.Limit, Stop);
        await time.FireAsync(limit);
        return await call.WaitAsync(Wait.Limit, Stop);
    }

    private Task<MachineOutcome> CallAsync(MachineOrder order, TimeProvider time) => MachineCall.RunAsync(Operator, order, Say, time, _giveUp.Token);

    private void Say(string line)
    {
        Said.Enqueue(line);
        _firstWord.TrySetResult();
    }
}
