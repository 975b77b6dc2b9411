using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>The job's root agent and checkpoint groups, wherever they are. Every call ends within seconds.</summary>
public interface IControlPlane
{
    /// <summary>Sends this host's report to the root agent, and returns the directive for this host.</summary>
    /// <exception cref="Gemini.Interfaces.Grains.JobMismatchException">This host is configured for another job.</exception>
    /// <exception cref="Gemini.Interfaces.Grains.HostNameTakenException">Another silo process has this host's name, perhaps only for a short
    /// time.</exception>
    Task<HostDirective> ReportAsync(HostReport report, CancellationToken ct);

    /// <summary>Tells a checkpoint group which replicas the host at this position holds, and which iterations its ranks skipped.</summary>
    Task AnnounceAsync(
        int group, HostPosition position, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped, CancellationToken ct);
}
