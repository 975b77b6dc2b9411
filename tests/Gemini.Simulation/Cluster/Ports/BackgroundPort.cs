using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>Only passes on news of the membership. Rot is found when a copy is read, and <see cref="StoragePort"/> looks into storage.</summary>
internal sealed class BackgroundPort : IBackgroundWork
{
    public event Action? Changed;

    public ScrubReport Scrub { get; } = new();

    public TransferReport Transfers { get; } = new();

    public long ManagedBytes => 0;

    public IEnumerable<HostLoop> Loops => [];

    public void MembershipChanged() => Changed?.Invoke();
}
