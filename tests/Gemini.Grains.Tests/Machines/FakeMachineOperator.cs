using Gemini.Grains.Machines;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Machines;

/// <summary>
/// Works on the coordinator's requests at the end of every step, like the root agent. It refuses a given number of orders, and then brings the host
/// up. If the root agent ends before a call completes, the call is lost.
/// </summary>
internal sealed class FakeMachineOperator
{
    /// <summary>How long a machine takes to come up.</summary>
    private const int BringUpMilliseconds = 500;

    private readonly SimulatedJob _cluster;
    private readonly HashSet<(object Root, HostName Host, int Attempt)> _begun = [];

    public FakeMachineOperator(SimulatedJob cluster)
    {
        _cluster = cluster;
        cluster.AfterStep = Work;
    }

    /// <summary>How many orders are refused before one is carried out.</summary>
    public int Refusals { get; set; }

    /// <summary>Whether orders are accepted and never completed.</summary>
    public bool Hangs { get; set; }

    /// <summary>Every order, with the time at which it came.</summary>
    public List<(long At, HostName Host, int Attempt)> Orders { get; } = [];

    /// <summary>The largest number of requests at one time.</summary>
    public int RequestsMax { get; private set; }

    private void Work()
    {
        if (_cluster.Coordinator is not { } root) return;
        RequestsMax = Math.Max(RequestsMax, root.MachineRequests.Length);
        foreach (var request in root.MachineRequests.Where(request => request.State == MachineRequestState.Asked))
        {
            if (_begun.Add((root, request.Host, request.Attempt))) Orders.Add((_cluster.Now, request.Host, request.Attempt));
            if (Hangs || _cluster.Now - request.Since < BringUpMilliseconds) continue;
            if (Refusals > 0)
            {
                Refusals--;
                root.ObserveMachine(request.Host, request.Attempt, "asking the cloud");
                root.ObserveMachine(request.Host, request.Attempt, MachineOutcome.Failed("quota exceeded"), _cluster.Now);
            }
            else
            {
                if (_cluster[request.Host.Value].Silo is null) _cluster.Start(request.Host.Value);
                root.ObserveMachine(request.Host, request.Attempt, MachineOutcome.Accepted("machine 1"), _cluster.Now);
            }
        }
    }
}
