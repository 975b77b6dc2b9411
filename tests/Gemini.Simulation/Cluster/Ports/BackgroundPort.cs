using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>Only the news of the membership: rot is found by whoever reads, and storage is looked into by <see cref="StoragePort"/>.</summary>
internal sealed class BackgroundPort : IBackgroundWork
{
    public event Action? Changed;

    public ScrubReport Scrub { get; } = new();

    public TransferReport Transfers { get; } = new();

    public IEnumerable<HostLoop> Loops => [];

    public void MembershipChanged() => Changed?.Invoke();
}
