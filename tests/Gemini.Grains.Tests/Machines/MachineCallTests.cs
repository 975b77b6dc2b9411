using Gemini.Grains.Machines;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Grains.Tests.Machines;

/// <summary>An order ends, whatever the machine operator does.</summary>
public sealed class MachineCallTests : IDisposable
{
    private static readonly MachineOrder Order = new("job", new HostName("a"), "for position 0", 1, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(60));

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _said = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstWord = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Outcome_IsPassedOnOnOneLine()
    {
        var outcome = await Run((_, say, _) =>
        {
            say("one\ntwo");
            say(new string('x', 1_000));
            return Task.FromResult(MachineOutcome.Failed("no\nquota"));
        });

        Assert.Equal(MachineOutcome.Failed("no quota"), outcome);
        Assert.Equal("one two", _said[0]);
        Assert.InRange(_said[1].Length, 300, 310);
    }

    [Fact]
    public async Task Exception_IsAFailureWithItsName()
    {
        var outcome = await Run((_, _, _) => throw new InvalidOperationException("broken"));
        Assert.Equal(MachineOutcome.Failed("InvalidOperationException: broken"), outcome);
    }

    [Fact]
    public async Task Limit_CancelsTheOperator_AndTheLastWordIsKept()
    {
        var call = Run(async (_, say, ct) =>
        {
            say("pod a is Pending");
            return await new TaskCompletionSource<MachineOutcome>().Task.WaitAsync(ct);
        });
        await SaidAsync();
        _time.Advance(Order.Limit);

        Assert.Equal(MachineOutcome.TimedOut("not done in 60 s; the operator's last line: pod a is Pending"), await call.WaitAsync(Bound, Stop));
    }

    [Fact]
    public async Task Limit_OperatorIgnoresIt_EndsAllTheSame()
    {
        var never = new TaskCompletionSource<MachineOutcome>();
        var call = Run((_, say, _) =>
        {
            say("deaf");
            return never.Task;
        });
        await SaidAsync();
        _time.Advance(Order.Limit);
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(MachineResult.TimedOut, (await call.WaitAsync(Bound, Stop)).Result);
    }

    [Fact]
    public async Task GivenUp_CancelsTheOperator()
    {
        var cancelled = new TaskCompletionSource();
        var call = Run(async (_, say, ct) =>
        {
            say("at work");
            await new TaskCompletionSource().Task.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancelled.SetResult();
            return MachineOutcome.Failed("cancelled");
        });
        await SaidAsync();
        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Bound, Stop));
        await cancelled.Task.WaitAsync(Bound, Stop);
    }

    public void Dispose() => _stop.Dispose();

    private static TimeSpan Bound => TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Task SaidAsync() => _firstWord.Task.WaitAsync(Bound, Stop);

    private Task<MachineOutcome> Run(Func<MachineOrder, Action<string>, CancellationToken, Task<MachineOutcome>> work) =>
        MachineCall.RunAsync(new Operator(work), Order, Say, _time, _stop.Token);

    private void Say(string line)
    {
        _said.Add(line);
        _firstWord.TrySetResult();
    }

    private sealed class Operator(Func<MachineOrder, Action<string>, CancellationToken, Task<MachineOutcome>> work) : IMachineOperator
    {
        public Task<MachineOutcome> BringUpAsync(MachineOrder order, Action<string> say, CancellationToken ct) => work(order, say, ct);
    }
}
