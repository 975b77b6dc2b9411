using Gemini.Grains.Machines;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Root;

// Carries out the coordinator's requests for machines. Level-triggered as all else: the operator works on what is in state
// Asked, no more and no less, so that nothing is lost when a write or a call fails.
public sealed partial class RootAgent
{
    private readonly Dictionary<HostName, MachineWork> _machineWork = [];

    private void WorkOnMachines()
    {
        if (machines is null) return;
        var asked = _coordinator.MachineRequests.Where(request => request.State == MachineRequestState.Asked).ToList();
        foreach (var (host, work) in _machineWork.ToList())
        {
            if (asked.Exists(request => request.Host == host && request.Attempt == work.Attempt)) continue;
            work.Cancel.Cancel();
            _machineWork.Remove(host);
        }

        foreach (var request in asked.Where(request => !_machineWork.ContainsKey(request.Host)))
        {
            var work = new MachineWork(request.Attempt);
            _machineWork.Add(request.Host, work);
            BringUpAsync(machines, request, work).Ignore();
        }
    }

    private async Task BringUpAsync(IMachineOperator operators, MachineRequest request, MachineWork work)
    {
        var missingFor = TimeSpan.FromMilliseconds(Math.Max(0, Now - request.MissingSince));
        var order = new MachineOrder(job.Name, request.Host, request.Reason, request.Attempt, missingFor, options.Value.Machines!.AttemptLimit);
        LogAsked(request.Host, request.Reason, request.Attempt);
        try
        {
            var outcome = await MachineCall.RunAsync(operators, order, said => Say(request.Host, work, said), time, work.Cancel.Token);
            LogAnswered(request.Host, request.Attempt, outcome.Result, outcome.Reason);
            if (work.Line is { } line) _coordinator.ObserveMachine(request.Host, request.Attempt, line);
            _coordinator.ObserveMachine(request.Host, request.Attempt, outcome, Now);
        }
        catch (OperationCanceledException)
        {
            LogGivenUp(request.Host, request.Attempt);
        }
        finally
        {
            if (_machineWork.TryGetValue(request.Host, out var newest) && newest == work) _machineWork.Remove(request.Host);
            work.Cancel.Dispose();
        }
    }

    /// <summary>Called on any thread.</summary>
    private void Say(HostName host, MachineWork work, string line)
    {
        LogSaid(host, work.Attempt, line);
        work.Line = line;
    }

    private void ObserveMachineLines()
    {
        foreach (var (host, work) in _machineWork)
        {
            if (work.Line is { } line) _coordinator.ObserveMachine(host, work.Attempt, line);
        }
    }

    /// <summary>Whoever comes up next asks anew, and operators bear that; what runs here must not go on beside it.</summary>
    private void GiveMachinesUp()
    {
        foreach (var work in _machineWork.Values) work.Cancel.Cancel();
        _machineWork.Clear();
    }

    [LoggerMessage(2110, LogLevel.Information, "Asking for a machine: host {Host}, {Reason}, attempt {Attempt}")]
    private partial void LogAsked(HostName host, string reason, int attempt);

    [LoggerMessage(2111, LogLevel.Information, "Machine for {Host}, attempt {Attempt}: {Line}")]
    private partial void LogSaid(HostName host, int attempt, string line);

    [LoggerMessage(2112, LogLevel.Information, "Machine for {Host}, attempt {Attempt}: {Result}, {Reason}")]
    private partial void LogAnswered(HostName host, int attempt, MachineResult result, string reason);

    [LoggerMessage(2113, LogLevel.Information, "Machine for {Host}, attempt {Attempt}: no longer asked for")]
    private partial void LogGivenUp(HostName host, int attempt);

    /// <summary>A call of the operator that goes on.</summary>
    private sealed class MachineWork(int attempt)
    {
        public int Attempt => attempt;

        /// <summary>The newest line; written on any thread.</summary>
        public volatile string? Line;

        public CancellationTokenSource Cancel { get; } = new();
    }
}
