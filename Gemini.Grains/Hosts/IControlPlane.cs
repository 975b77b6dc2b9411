using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>The job's root agent and checkpoint groups, wherever they are. Every call ends within seconds.</summary>
public interface IControlPlane
{
    /// <summary>Tells the root agent what is on this host, and returns what should be.</summary>
    /// <exception cref="Gemini.Interfaces.Grains.JobMismatchException">This host is configured for another job.</exception>
    /// <exception cref="Gemini.Interfaces.Grains.HostNameTakenException">Another host has this one's name, perhaps not for long.</exception>
    Task<HostDirective> ReportAsync(HostReport report, CancellationToken ct);

    /// <summary>Tells a checkpoint group which replicas the host at this position holds, and which iterations its ranks skipped.</summary>
    Task AnnounceAsync(
        int group, HostPosition position, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped, CancellationToken ct);
}
