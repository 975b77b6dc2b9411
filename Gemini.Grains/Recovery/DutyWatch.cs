using Gemini.Grains.Health;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Tracks what each present host owes the job and for how long, and decides when the host counts as unable. Pure.</summary>
internal sealed class DutyWatch(JobState state, HostRoster roster)
{
    private readonly AttendedClock _attended = new();
    private readonly StandingWatch<Duty> _duties = new();

    /// <summary>How long each host has reported a problem. The value is the silo process; a new silo process begins anew.</summary>
    private readonly StandingWatch<long> _problems = new();

    /// <summary>By the rates that were measured until the newest look.</summary>
    private StepLimits _limits = new(state.Health, rates: default);

    /// <summary>The plan waits until every trainer has declared its state.</summary>
    private bool _declares;

    /// <summary>The plan needs storage, and reading from storage may take longer.</summary>
    private bool _isFromStorage;

    /// <summary>Milliseconds by an <see cref="AttendedClock"/>. All pauses and limits are measured with this time.</summary>
    public long Elapsed => _attended.Elapsed;

    /// <summary>The memory that each position needs, from the shard sizes in the record.</summary>
    public PositionMemory Memory => new(state.Job, state.Placement, state.Record.ShardBytes);

    /// <summary>An epoch begins.</summary>
    public void BeginEpoch() => (_declares, _isFromStorage) = (false, false);

    /// <summary>From now on every trainer must declare the size of its shard.</summary>
    public void AskForSizes()
    {
        Invariant.Check(state.Version.Step == DirectiveStep.Halt, $"trainers are asked for the sizes of their shards while the directive is {state.Version}");
        _declares = true;
    }

    /// <summary>There is a plan.</summary>
    public void ObservePlan(RecoveryPlan plan) => _isFromStorage = plan.Source == CopySource.Storage;

    /// <summary>Looks at every host. To be called before anything is decided.</summary>
    public void Observe(long now)
    {
        var before = Elapsed;
        _attended.Look(now);
        Invariant.Check(Elapsed >= before, "the attended clock went back");
        var isOwed = state.Version.Step < DirectiveStep.Run;
        if (isOwed) _limits = new StepLimits(state.Health, roster.MeasuredRates());
        else _duties.Clear();
        foreach (var host in roster.All)
        {
            var name = host.Report.Host;
            var hasProblem = host is { IsPresent: true, Report.Problem: not null };
            _problems.Look(name, hasProblem ? host.Report.Incarnation : null, Elapsed);
            if (isOwed) _duties.Look(name, DutyOf(host), Elapsed);
        }
    }

    /// <summary>Present hosts with a position that cannot do their part, each with the reason.</summary>
    public List<(HostPosition Position, HostName Host, string Reason)> FindUnable() =>
    [
        .. from host in roster.Assigned()
           where host.IsPresent
           let reason = WhyUnable(host)
           where reason is not null
           select (roster.PositionOf(host)!.Value, host.Report.Host, reason),
    ];

    /// <summary>Why a host cannot do what it owes. Null: it owes nothing, or it still has time.</summary>
    public string? WhyUnable(HostView host)
    {
        // The watched duty may belong to an epoch that has just ended.
        if (DutyOf(host) is not { } duty || _duties.Of(host.Report.Host) != duty) return null;
        var owedFor = _duties.For(host.Report.Host, Elapsed) ?? 0;
        var problemFor = _problems.For(host.Report.Host, Elapsed) ?? 0;
        if (Math.Min(problemFor, owedFor) >= state.Health.ProblemGrace.TotalMilliseconds) return host.Report.Problem;
        var limit = LimitOf(duty);
        return owedFor >= limit.Limit.TotalMilliseconds ? $"it did not {limit.Expectation}" : null;
    }

    private Duty? DutyOf(HostView host)
    {
        if (!host.IsPresent || state.Version == default) return null;
        var position = roster.PositionOf(host);
        Duty Owes(DutyKind kind) => new(kind, state.Version, position, host.Report.Incarnation);
        if (host.Report.Done < state.Halt) return Owes(DutyKind.Halt);
        if (position is null) return null;
        if (state.Version.Step == DirectiveStep.Prepare)
            return host.Report.Done < state.Version || !roster.AllTrainersAreUp(host) ? Owes(DutyKind.Prepare) : null;
        return _declares && !roster.AllTrainers(host, trainer => trainer.ShardBytes > 0) ? Owes(DutyKind.Declare) : null;
    }

    private StepLimit LimitOf(Duty duty)
    {
        var memory = Memory;
        var ownBytes = duty.Position is { } own ? memory.OwnBytesOf(own) : 0;
        return duty.Kind switch
        {
            DutyKind.Halt => _limits.Halt(ownBytes),
            DutyKind.Declare => _limits.Declare(),
            _ => _limits.Prepare(memory.BytesOf(duty.Position!.Value) + ownBytes, _isFromStorage),
        };
    }
}
