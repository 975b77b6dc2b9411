using System.Collections.Immutable;
using Gemini.Grains.Machines;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Which machines are missing, and the requests for them. The rules are in <see cref="MachinePlanner"/>. Pure.</summary>
internal sealed class MachineDesk(JobState state, HostRoster roster)
{
    private ((long Presence, ImmutableArray<HostName?> Assignment, bool IsHalted) Key, MachineNeed Need)? _need;

    public ImmutableArray<MachineRequest> Requests { get; private set; } = [];

    /// <summary>Takes in the operator's answer to one attempt.</summary>
    public void Observe(HostName host, int attempt, MachineOutcome outcome, long now)
    {
        if (state.Options.Machines is { } options) Requests = MachinePlanner.Answered(now, host, attempt, outcome, Requests, options);
    }

    /// <summary>Takes in a line of text from the operator about one attempt.</summary>
    public void Observe(HostName host, int attempt, string line) => Requests = MachinePlanner.Said(host, attempt, line, Requests);

    public void Evaluate(long now)
    {
        if (state.Options.Machines is not { } options) return;
        // Before the first epoch people start hosts. In Forming, a new root agent does not know yet which hosts are present.
        Requests = state.Phase is JobPhase.Forming or JobPhase.Completed ? [] : MachinePlanner.Evaluate(now, Need(), Requests, options);
    }

    public string Describe() => Requests.IsEmpty
        ? "start a standby, or the lost host again"
        : string.Join("; ", Requests.Select(request => request.Describe()));

    /// <summary>Computed again when a host becomes present or lost, when the assignment changes, and when the step Halt begins or ends.</summary>
    private MachineNeed Need()
    {
        var key = (roster.PresenceVersion, state.Record.Assignment, state.Version.Step == DirectiveStep.Halt);
        if (_need is not { } known || known.Key != key) _need = known = (key, FindNeed());
        return known.Need;
    }

    private MachineNeed FindNeed()
    {
        // After Halt, a host whose silo is away may still have trainers that train. So nobody may replace its machine.
        var exposed = state.Version.Step == DirectiveStep.Halt ? [] : roster.Assigned();
        var live = roster.Present.Concat(exposed).Select(host => host.Report.Host).ToHashSet();
        return MachineNeed.Of(state.Job, live, [.. roster.AbsentPositions()], host => roster.Find(host)?.LostAt);
    }
}
