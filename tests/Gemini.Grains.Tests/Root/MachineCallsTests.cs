using System.Collections.Concurrent;
using Gemini.Grains.Health;
using Gemini.Grains.Machines;
using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Grains.Tests.Root;

/// <summary>
/// The operator works on exactly the requests that the coordinator has asked for. Host h1 of a job of two hosts is dead. An operator may block, so each
/// call runs on a thread of the pool, and the tests wait for it.
/// </summary>
public sealed class MachineCallsTests : IMachineOperator
{
    private static readonly MachineOptions Options = new()
    {
        ReturnGrace = TimeSpan.Zero,
        PauseMinimum = TimeSpan.FromSeconds(5),
        AttemptLimit = TimeSpan.FromSeconds(60),
    };

    private readonly JobSpec _job = Jobs.Spec(hosts: 2, replicas: 2);
    private readonly FakeTimeProvider _time = new();
    private readonly SteadyClock _clock;
    private readonly JobCoordinator _coordinator;
    private readonly MachineCalls _calls;
    private readonly ConcurrentQueue<Call> _begun = [];

    public MachineCallsTests()
    {
        _clock = new SteadyClock(_time);
        var record = new RootRecord { Epoch = new Epoch(1), Spec = _job, Assignment = [Jobs.Host(0), Jobs.Host(1)], ShardBytes = [1, 1] };
        _coordinator = new JobCoordinator(_job, record, new CoordinatorOptions { Machines = Options }, _clock.Now);
        _calls = new MachineCalls(_job.Name, Options, Ports(), _coordinator, _clock);
        Report(Jobs.Host(0), incarnation: 1);
        _coordinator.Observe([new MemberView(Jobs.Host(0), 1, Dead: false), new MemberView(Jobs.Host(1), 1, Dead: true)], _clock.Now);
        Evaluate();
        Assert.Equal(MachineRequestState.Asked, Request.State);
    }

    private MachineRequest Request => Assert.Single(_coordinator.MachineRequests);

    [Fact]
    public async Task Work_ARequestIsAsked_TheOperatorGetsItsOrder()
    {
        _time.Advance(TimeSpan.FromSeconds(7));

        _calls.Work();

        var call = await BegunAsync(1);
        Assert.Equal(new MachineOrder("job", Jobs.Host(1), "for position 1", 1, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(60)), call.Order);
    }

    [Fact]
    public async Task Work_Again_DoesNotAskTwice()
    {
        _calls.Work();
        var call = await BegunAsync(1);

        _calls.Work();
        call.Answer.SetResult(MachineOutcome.Accepted("machine 1"));
        await Wait.UntilAsync(() => Request.State == MachineRequestState.Joining, "the answer to be taken in");
        _calls.Work();

        Assert.Single(_begun);
        Assert.Equal("machine 1", Request.Answer);
    }

    /// <summary>A failed attempt is not the last one. The next attempt is another order.</summary>
    [Fact]
    public async Task Work_AnAttemptFailed_TheNextIsAskedAfterThePause()
    {
        _calls.Work();
        (await BegunAsync(1)).Answer.SetResult(MachineOutcome.Failed("quota exceeded"));
        await Wait.UntilAsync(() => Request.State == MachineRequestState.Pausing, "the answer to be taken in");
        _time.Advance(Options.PauseMinimum);
        Evaluate();

        _calls.Work();

        Assert.Equal(2, (await BegunAsync(2)).Order.Attempt);
    }

    [Fact]
    public async Task Work_TheOperatorThrows_IsAFailedAttempt()
    {
        _calls.Work();
        (await BegunAsync(1)).Answer.SetException(new InvalidOperationException("no credentials"));

        await Wait.UntilAsync(() => Request.State == MachineRequestState.Pausing, "the failure to be taken in");

        Assert.Equal("InvalidOperationException: no credentials", Request.Answer);
    }

    [Fact]
    public async Task Work_TheHostIsBack_ItsCallIsCancelled()
    {
        _calls.Work();
        var call = await BegunAsync(1);
        Report(Jobs.Host(1), incarnation: 2);
        Evaluate();
        Assert.Empty(_coordinator.MachineRequests);

        _calls.Work();

        await Wait.UntilAsync(() => call.Stop.IsCancellationRequested, "the call to be cancelled");
    }

    /// <summary>The operator is deaf to its limit. Whatever it answers later, the next attempt is another order.</summary>
    [Fact]
    public async Task Work_TheOperatorDoesNotEnd_TheAttemptTimesOut_AndTheNextBegins()
    {
        _calls.Work();
        var first = await BegunAsync(1);
        _time.Advance(Options.AttemptLimit);
        Assert.True(first.Stop.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(10));
        await Wait.UntilAsync(() => Request.State == MachineRequestState.Pausing, "the attempt to time out");
        Assert.StartsWith("not done in 60 s", Request.Answer, StringComparison.Ordinal);
        _time.Advance(Options.PauseMinimum);
        Evaluate();

        _calls.Work();

        Assert.Equal(2, (await BegunAsync(2)).Order.Attempt);
        first.Answer.SetResult(MachineOutcome.Accepted("too late"));
        Assert.Equal((MachineRequestState.Asked, 2), (Request.State, Request.Attempt));
    }

    [Fact]
    public async Task ObserveLines_TheNewestLineIsInTheRequest()
    {
        _calls.Work();
        var call = await BegunAsync(1);
        call.Say("creating pod a");
        call.Say("pod a is Pending");
        Assert.Equal("", Request.Output);

        _calls.ObserveLines();

        Assert.Equal("pod a is Pending", Request.Output);
    }

    /// <summary>Nobody looked at the lines since. The last one explains the answer.</summary>
    [Fact]
    public async Task Answer_BringsTheNewestLine()
    {
        _calls.Work();
        var call = await BegunAsync(1);
        call.Say("pod a is Pending");

        call.Answer.SetResult(MachineOutcome.Failed("no node"));
        await Wait.UntilAsync(() => Request.State == MachineRequestState.Pausing, "the answer to be taken in");

        Assert.Equal(("pod a is Pending", "no node"), (Request.Output, Request.Answer));
    }

    /// <summary>The root agent ends, and the next one asks again.</summary>
    [Fact]
    public async Task GiveUp_CancelsEveryCall_AndNoAnswerIsTakenIn()
    {
        _calls.Work();
        var call = await BegunAsync(1);

        _calls.GiveUp();

        Assert.True(call.Stop.IsCancellationRequested);
        call.Say("too late");
        _calls.ObserveLines();
        Assert.Equal((MachineRequestState.Asked, ""), (Request.State, Request.Output));
    }

    Task<MachineOutcome> IMachineOperator.BringUpAsync(MachineOrder order, Action<string> say, CancellationToken ct)
    {
        var call = new Call(order, say, ct);
        _begun.Enqueue(call);
        return call.Answer.Task;
    }

    private async Task<Call> BegunAsync(int count)
    {
        await Wait.UntilAsync(() => _begun.Count >= count, $"call {count} of the operator");
        return _begun.ElementAt(count - 1);
    }

    /// <summary>Twice, because a new epoch begins at the end of an evaluation.</summary>
    private void Evaluate()
    {
        _coordinator.Evaluate(_clock.Now);
        _coordinator.Evaluate(_clock.Now);
    }

    private void Report(HostName host, long incarnation) => _coordinator.Observe(
        new HostReport { Host = host, Incarnation = incarnation, Sequence = 1, SpecFingerprint = _job.Fingerprint(), DataEndpoint = $"{host}:1" }, _clock.Now);

    private RootPorts Ports()
    {
        var agents = new AgentDoubles();
        return new RootPorts
        {
            // Machine calls touch no record.
            Records = null!,
            Calls = agents,
            Probe = agents,
            Members = () => [],
            Machines = this,
            Leave = () => { },
            Time = _time,
            Log = NullLogger.Instance,
        };
    }

    private sealed record Call(MachineOrder Order, Action<string> Say, CancellationToken Stop)
    {
        public TaskCompletionSource<MachineOutcome> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
