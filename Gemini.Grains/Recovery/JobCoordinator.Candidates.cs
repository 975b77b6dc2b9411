using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Grains.Placement.Domains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// Who can hold a position: standbys that could take one over, and hosts with one that live and cannot do their part.
public sealed partial class JobCoordinator
{
    private readonly AttendedClock _attended = new();
    private readonly StandingWatch<Duty> _duties = new();

    /// <summary>By the silo process that reports a problem.</summary>
    private readonly StandingWatch<long> _problems = new();

    private readonly Setbacks _setbacks;
    private (ImmutableArray<long> ShardBytes, HostPosition Position)? _largestPosition;

    /// <summary>The plan waits until every trainer has declared its state.</summary>
    private bool _declares;

    private PositionMemory Memory => new(_state.Job, _state.Placement, Record.ShardBytes);

    private void WatchHosts(long now)
    {
        _attended.Look(now);
        if (_state.Version.Step >= DirectiveStep.Run) _duties.Clear();
        foreach (var host in _roster.All)
        {
            var name = host.Report.Host;
            var hasProblem = host is { IsPresent: true, Report.Problem: not null };
            _problems.Look(name, hasProblem ? host.Report.Incarnation : null, _attended.Elapsed);
            if (_state.Version.Step < DirectiveStep.Run) _duties.Look(name, DutyOf(host), _attended.Elapsed);
        }
    }

    private Duty? DutyOf(HostView host)
    {
        if (!host.IsPresent || _state.Version == default) return null;
        var position = _roster.PositionOf(host);
        Duty Owes(DutyKind kind) => new(kind, _state.Version, position, host.Report.Incarnation);
        if (host.Report.Done < _state.Halt) return Owes(DutyKind.Halt);
        if (position is null) return null;
        if (_state.Version.Step == DirectiveStep.Prepare)
            return host.Report.Done < _state.Version || !_roster.AllTrainersAreUp(host) ? Owes(DutyKind.Prepare) : null;
        return _declares && !_roster.AllTrainers(host, trainer => trainer.ShardBytes > 0) ? Owes(DutyKind.Declare) : null;
    }

    /// <summary>
    /// Gives the positions of hosts that live and cannot do their part to standbys that can. Such a host keeps what it
    /// holds, and is a source of the plan like any other. Returns which hosts lost their position, and why.
    /// </summary>
    private List<(HostName Host, string Reason)> ReplaceUnableHosts()
    {
        var unable = UnableHosts();
        // What keeps every host from its part is no host's fault, and another host would fare no better.
        if (unable.Count > 1 && unable.Count == _roster.Assigned().Count(host => host.IsPresent)) return [];
        var changes = new List<(HostName Host, string Reason)>();
        foreach (var (position, host, reason) in unable)
        {
            if (TryReplace(position, host, reason) is { } change) changes.Add((host, change));
        }

        return changes;
    }

    /// <summary>
    /// Gives the position of a live host to a standby. Returns what changed, for people; null when no standby can take
    /// it.
    /// </summary>
    private string? TryReplace(HostPosition position, HostName host, string reason)
    {
        if (ChooseStandby(position, orAnyHost: false) is not { } standby) return null;
        _setbacks.Note(host, RecoveryHistory.Short(reason), _attended.Elapsed);
        Record = Record with { Assignment = Record.Assignment.SetItem(position.Value, standby.Host) };
        var shares = standby.Reason.Length > 0 ? $"; {standby.Reason}" : "";
        return $"{host}: {reason}; {standby.Host} takes position {position}{shares}";
    }

    /// <summary>Hosts with a position that live and cannot do their part, each with why.</summary>
    private List<(HostPosition Position, HostName Host, string Reason)> UnableHosts() =>
    [
        .. from host in _roster.Assigned()
           where host.IsPresent
           let reason = WhyUnable(host)
           where reason is not null
           select (_roster.PositionOf(host)!.Value, host.Report.Host, reason),
    ];

    /// <summary>Why a host that owes something counts as one that cannot do it; null while it may still.</summary>
    private string? WhyUnable(HostView host)
    {
        // What was watched may be of an epoch that has just ended.
        if (DutyOf(host) is not { } duty || _duties.Of(host.Report.Host) != duty) return null;
        var owedFor = _duties.For(host.Report.Host, _attended.Elapsed) ?? 0;
        var problemFor = _problems.For(host.Report.Host, _attended.Elapsed) ?? 0;
        if (Math.Min(problemFor, owedFor) >= _state.Health.ProblemGrace.TotalMilliseconds) return host.Report.Problem;
        var limit = LimitOf(duty);
        return owedFor >= limit.Limit.TotalMilliseconds ? $"it did not {limit.Expectation}" : null;
    }

    private StepLimit LimitOf(Duty duty)
    {
        var (health, memory) = (_state.Health, Memory);
        var ownBytes = duty.Position is { } own ? memory.OwnBytesOf(own) : 0;
        var fromStorage = _plan?.Source == CopySource.Storage;
        return duty.Kind switch
        {
            DutyKind.Halt => StepLimits.Halt(ownBytes, health),
            DutyKind.Declare => StepLimits.Declare(health),
            _ => StepLimits.Prepare(memory.BytesOf(duty.Position!.Value) + ownBytes, fromStorage, health),
        };
    }

    /// <summary>
    /// Which of the standbys that wait takes over a position; null when none can yet. A standby that never lost a position comes before one that did.
    /// </summary>
    /// <param name="vacant">The position.</param>
    /// <param name="orAnyHost">
    /// For a position that has no host at all: one that was passed over, or whose problem may be over, is better than
    /// none. Only while no other standby is on its way.
    /// </param>
    private (HostName Host, string Reason)? ChooseStandby(HostPosition vacant, bool orAnyHost)
    {
        var able = _roster.Standbys().Where(standby => WhyUnfit(standby, vacant) is null).ToList();
        var candidates = able.FindAll(standby => PauseLeft(standby) == 0);
        if (candidates.Count == 0 && orAnyHost) candidates = LastResort(able, vacant);
        candidates.RemoveAll(standby => standby.Report.Done < _state.Halt);
        if (candidates.Count == 0) return null;
        // Without this, two hosts that cannot do their part may hand a position to each other for ever, and a third could do it.
        var fewest = candidates.Min(SetbackCount);
        candidates.RemoveAll(standby => SetbackCount(standby) > fewest);
        var memory = Memory;
        var roomForBoth = candidates.FindAll(standby =>
            HasRoom(standby, memory.BytesOf(vacant) + memory.OtherBytes(standby.Report.Replicas, vacant)));
        var chosenFrom = roomForBoth.Count > 0 ? roomForBoth : candidates;
        var positions = Record.Assignment.Select((host, position) =>
            host is { } name && position != vacant.Value && _roster.IsPresent(name) ? _domains.Of(name) : (LabelledHost?)null);
        return StandbyChoice.Choose(
            _state.Placement, _state.Job.Domains, [.. positions], vacant,
            chosenFrom.ConvertAll(standby => _domains.Of(standby.Report.Host)));
    }

    /// <summary>
    /// The standby that is passed over for the shortest time; else those with room whose trainers are up, whatever
    /// problem they had.
    /// </summary>
    private List<HostView> LastResort(List<HostView> able, HostPosition vacant)
    {
        if (able.Count > 0) return [able.MinBy(PauseLeft)!];
        return _roster.Standbys().Where(standby => HasRoom(standby, Memory.BytesOf(vacant)) && _roster.AllTrainersAreUp(standby)).ToList();
    }

    private static bool HasRoom(HostView standby, long bytes) => !(standby.Report.RoomBytes < bytes);

    private long PauseLeft(HostView standby) => _setbacks.PauseLeft(standby.Report.Host, _attended.Elapsed);

    private int SetbackCount(HostView standby) => _setbacks.CountOf(standby.Report.Host, _attended.Elapsed);

    /// <summary>Why a standby cannot take over a position now; null when it can.</summary>
    private string? WhyUnfit(HostView standby, HostPosition position)
    {
        if (standby.Report.Problem is { } problem) return problem;
        var needed = Memory.BytesOf(position);
        if (!HasRoom(standby, needed))
            return $"it has room for {standby.Report.RoomBytes} of {needed} bytes that position {position} takes";
        return WhyUnable(standby);
    }

    /// <summary>
    /// Of a standby: why it could not take over every position now. Null when it could, and for any other host.
    /// </summary>
    private string? WhyCannotTakeOver(HostView host)
    {
        if (!host.IsPresent || Record.Assignment.IsEmpty || _roster.PositionOf(host) is not null) return null;
        if (_largestPosition is not { } largest || largest.ShardBytes != Record.ShardBytes)
        {
            var positions = Enumerable.Range(0, _state.Job.HostCount).Select(position => new HostPosition(position));
            _largestPosition = largest = (Record.ShardBytes, positions.MaxBy(Memory.BytesOf));
        }

        return WhyUnfit(host, largest.Position) ?? _setbacks.Explain(host.Report.Host, _attended.Elapsed);
    }

    /// <summary>
    /// Which hosts cannot do their part, why, and why no standby can do it instead; empty when every host can.
    /// </summary>
    private string DescribeUnableHosts()
    {
        var unable = UnableHosts();
        if (unable.Count == 0) return "";
        var hosts = unable.Select(entry => $"{entry.Host}: {entry.Reason.TrimEnd('.')}").ToList();
        var nobody = DescribeStandbys(unable[0].Position) is { Length: > 0 } standbys
            ? $"no standby takes its position ({standbys})"
            : "no standby is there to take its position";
        return $"{Phrases.Some(hosts)}; {nobody}; looking again";
    }

    /// <summary>What keeps each standby from a position; empty when none is there.</summary>
    private string DescribeStandbys(HostPosition position)
    {
        string Reason(HostView standby) => WhyUnfit(standby, position)
            ?? _setbacks.Explain(standby.Report.Host, _attended.Elapsed)
            ?? (standby.Report.Done < _state.Halt ? "it has yet to stop" : "no other host can do better");
        return Phrases.Some([.. _roster.Standbys().Select(standby => $"{standby.Report.Host}: {Reason(standby)}")]);
    }
}
