using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Grains.Placement.Domains;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Which standby takes over a position, and which present host loses one. Pure.</summary>
internal sealed class StandbyDesk(JobState state, HostRoster roster, JobDomains domains)
{
    private readonly Setbacks _setbacks = new(state.Health);
    private (ImmutableArray<long> ShardBytes, HostPosition Position)? _largestPosition;

    /// <summary>What present hosts owe the job.</summary>
    public DutyWatch Duties { get; } = new(state, roster);

    /// <summary>A new silo process of the host has reported.</summary>
    public void ObserveRestart(HostName host) => _setbacks.Forget(host);

    /// <summary>
    /// Takes the position of every present host that cannot do its part and gives it to a standby that can. The old host keeps its copies, and is a
    /// source of the plan like any other host. Returns which hosts lost their position, and why.
    /// </summary>
    /// <remarks>
    /// If no present host can do its part, the cause may be outside the hosts, and then every standby would fail too. So one position is given away at
    /// a time. If its new host does better, the other hosts lose their positions as well; if not, that standby has a setback.
    /// </remarks>
    public List<(HostName Host, string Reason)> ReplaceUnable()
    {
        var unable = Duties.FindUnable();
        var isTrial = unable.Count > 1 && unable.Count == roster.Assigned().Count(host => host.IsPresent);
        var changes = new List<(HostName Host, string Reason)>();
        foreach (var (position, host, reason) in unable)
        {
            if (TryReplace(position, host, reason) is { } change) changes.Add((host, change));
            if (isTrial && changes.Count > 0) break;
        }

        return changes;
    }

    /// <summary>
    /// Gives the position of a present host to a standby. Returns what changed, for people; null if no standby can take the position.
    /// </summary>
    public string? TryReplace(HostPosition position, HostName host, string reason)
    {
        Invariant.Check(roster.PositionOf(host) == position, $"host {host} is told to lose position {position}, but has position {roster.PositionOf(host)}");
        if (Choose(position, orAnyHost: false) is not { } standby) return null;
        _setbacks.Note(host, RecoveryHistory.Short(reason), Duties.Elapsed);
        Seat(standby.Host, position);
        var shares = standby.Reason.Length > 0 ? $"; {standby.Reason}" : "";
        return $"{host}: {reason}; {standby.Host} takes position {position}{shares}";
    }

    /// <summary>
    /// Gives a position without a present host to a standby. Returns a remark about the choice, for people; empty if there is none; null if no
    /// standby can take the position.
    /// </summary>
    public string? TryFill(HostPosition vacant)
    {
        Invariant.Check(state.Version.Step == DirectiveStep.Halt, $"position {vacant} is filled while the directive is {state.Version}");
        if (Choose(vacant, orAnyHost: true) is not { } standby) return null;
        Seat(standby.Host, vacant);
        return standby.Reason;
    }

    /// <summary>Why a standby could not take over the largest position now. Null if it could, and for a host that is no standby.</summary>
    public string? WhyCannotTakeOver(HostView host)
    {
        if (!host.IsPresent || state.Record.Assignment.IsEmpty || roster.PositionOf(host) is not null) return null;
        return WhyUnfit(host, LargestPosition()) ?? WhyPassedOver(host);
    }

    /// <summary>
    /// Bytes of host memory that the host's position needs; without one, what the largest position needs. 0: the sizes of the shards are not known.
    /// </summary>
    public long NeededBytes(HostView host) => Duties.Memory.BytesOf(roster.PositionOf(host) ?? LargestPosition());

    /// <summary>Which hosts cannot do their part and why, and why no standby can do it instead; empty if every host can.</summary>
    public string DescribeUnable()
    {
        var unable = Duties.FindUnable();
        if (unable.Count == 0) return "";
        var hosts = unable.Select(entry => $"{entry.Host}: {entry.Reason.TrimEnd('.')}").ToList();
        var nobody = Describe(unable[0].Position) is { Length: > 0 } standbys
            ? $"no standby can take its position ({standbys})"
            : "there is no standby that could take its position";
        return $"{Phrases.Some(hosts)}; {nobody}; looking again";
    }

    /// <summary>Why each standby cannot take a position; empty if there is no standby.</summary>
    public string Describe(HostPosition position)
    {
        string Reason(HostView standby) => WhyUnfit(standby, position) ?? WhyPassedOver(standby) ?? "it has not stopped yet";
        return Phrases.Some([.. roster.Standbys().Select(standby => $"{standby.Report.Host}: {Reason(standby)}")]);
    }

    private void Seat(HostName host, HostPosition position)
    {
        Invariant.Check(roster.IsPresent(host), $"position {position} goes to host {host}, which is not present");
        Invariant.Check(roster.PositionOf(host) is null, $"position {position} goes to host {host}, which has position {roster.PositionOf(host)}");
        state.Record = state.Record with { Assignment = state.Record.Assignment.SetItem(position.Value, host) };
    }

    /// <summary>
    /// Chooses the standby that takes over a position; null if none can yet. Only the standbys that lost a position the fewest times are considered.
    /// </summary>
    /// <param name="vacant">The position.</param>
    /// <param name="orAnyHost">
    /// True for a position that has no host at all. Then, if no other standby is able, the choice may fall on a standby that is passed over now, or
    /// on one whose problem may have passed. An able standby that has not halted yet is waited for.
    /// </param>
    private (HostName Host, string Reason)? Choose(HostPosition vacant, bool orAnyHost)
    {
        var able = roster.Standbys().Where(standby => WhyUnfit(standby, vacant) is null).ToList();
        var candidates = able.FindAll(standby => PauseLeft(standby) == 0);
        if (candidates.Count == 0 && orAnyHost) candidates = LastResort(able, vacant);
        candidates.RemoveAll(standby => standby.Report.Done < state.Halt);
        if (candidates.Count == 0) return null;
        // Without this, two hosts that cannot do their part may pass a position to each other for ever, although a third host could do it.
        var fewest = candidates.Min(SetbackCount);
        candidates.RemoveAll(standby => SetbackCount(standby) > fewest);
        var memory = Duties.Memory;
        var roomForBoth = candidates.FindAll(standby =>
            HasRoom(standby, memory.BytesOf(vacant) + memory.OtherBytes(standby.Report.Replicas, vacant)));
        var chosenFrom = roomForBoth.Count > 0 ? roomForBoth : candidates;
        var positions = state.Record.Assignment.Select((host, position) =>
            host is { } name && position != vacant.Value && roster.IsPresent(name) ? domains.Of(name) : (LabelledHost?)null);
        return StandbyChoice.Choose(
            state.Placement, state.Job.Domains, [.. positions], vacant,
            chosenFrom.ConvertAll(standby => domains.Of(standby.Report.Host)));
    }

    /// <summary>
    /// If standbys are able but passed over: the one with the least time left. Otherwise all standbys with enough room whose trainers are up,
    /// whatever problem they report.
    /// </summary>
    private List<HostView> LastResort(List<HostView> able, HostPosition vacant)
    {
        if (able.Count > 0) return [able.MinBy(PauseLeft)!];
        return roster.Standbys().Where(standby => HasRoom(standby, Duties.Memory.BytesOf(vacant)) && roster.AllTrainersAreUp(standby)).ToList();
    }

    /// <summary>Why a standby cannot take over a position now; null if it can.</summary>
    private string? WhyUnfit(HostView standby, HostPosition position)
    {
        if (standby.Report.Problem is { } problem) return problem;
        var needed = Duties.Memory.BytesOf(position);
        if (!HasRoom(standby, needed))
            return $"it has room for {standby.Report.RoomBytes} of {needed} bytes that position {position} takes";
        return Duties.WhyUnable(standby);
    }

    private HostPosition LargestPosition()
    {
        if (_largestPosition is not { } largest || largest.ShardBytes != state.Record.ShardBytes)
        {
            var positions = Enumerable.Range(0, state.Job.HostCount).Select(position => new HostPosition(position));
            _largestPosition = largest = (state.Record.ShardBytes, positions.MaxBy(Duties.Memory.BytesOf));
        }

        return largest.Position;
    }

    private string? WhyPassedOver(HostView standby) => _setbacks.Explain(standby.Report.Host, Duties.Elapsed);

    private long PauseLeft(HostView standby) => _setbacks.PauseLeft(standby.Report.Host, Duties.Elapsed);

    private int SetbackCount(HostView standby) => _setbacks.CountOf(standby.Report.Host, Duties.Elapsed);

    private static bool HasRoom(HostView standby, long bytes) => !(standby.Report.RoomBytes < bytes);
}
