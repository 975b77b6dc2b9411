using System.Collections.Immutable;
using Gemini.Grains.Machines;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// Machines: which hosts are missing, and what is being done about it.
public sealed partial class JobCoordinator
{
    private ImmutableArray<MachineRequest> _machines = [];
    private ((long Presence, ImmutableArray<HostName?> Assignment, bool IsHalted) Key, MachineNeed Need)? _need;

    /// <summary>
    /// The machines that are missing. Those in state <see cref="MachineRequestState.Asked"/> are what the machine operator is to
    /// work on now, each until it has answered or is no longer asked for.
    /// </summary>
    public ImmutableArray<MachineRequest> MachineRequests => _machines;

    /// <summary>Takes in what the operator answered to one attempt.</summary>
    public void ObserveMachine(HostName host, int attempt, MachineOutcome outcome, long now)
    {
        if (_state.Options.Machines is { } options) _machines = MachinePlanner.Answered(now, host, attempt, outcome, _machines, options);
    }

    /// <summary>Takes in a line that the operator said about one attempt.</summary>
    public void ObserveMachine(HostName host, int attempt, string line) => _machines = MachinePlanner.Said(host, attempt, line, _machines);

    private void EvaluateMachines(long now)
    {
        if (_state.Options.Machines is not { } options) return;
        // Before the first epoch people start hosts; in Forming, a new root agent does not know yet who is there.
        _machines = _state.Phase is JobPhase.Forming or JobPhase.Completed ? [] : MachinePlanner.Evaluate(now, Need(), _machines, options);
    }

    /// <summary>Worked out anew when a host comes or goes, or a position changes hands.</summary>
    private MachineNeed Need()
    {
        var key = (_roster.PresenceVersion, Record.Assignment, _state.Version.Step == DirectiveStep.Halt);
        if (_need is not { } known || known.Key != key) _need = known = (key, FindNeed());
        return known.Need;
    }

    private MachineNeed FindNeed()
    {
        // While a host is merely exposed its trainers train, and its machine must not be taken from under them.
        var exposed = _state.Version.Step == DirectiveStep.Halt ? [] : _roster.Assigned().Select(host => host.Report.Host);
        return MachineNeed.Of(
            _state.Job, LiveHosts.Concat(exposed).ToHashSet(), [.. _roster.AbsentPositions()], host => _roster.Find(host)?.LostAt);
    }

    private string DescribeMachines() => _machines.IsEmpty
        ? "start a standby, or the lost host again"
        : string.Join("; ", _machines.Select(request => request.Describe()));
}
