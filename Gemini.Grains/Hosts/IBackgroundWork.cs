using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>What the host does besides, again and again: it scrubs its memory, looks into storage, follows who is in the cluster.</summary>
public interface IBackgroundWork
{
    /// <summary>The scrub's report has changed, or a host has come or gone. Any thread, under no lock.</summary>
    event Action? Changed;

    /// <summary>How far the scrub of host memory has come.</summary>
    ScrubReport Scrub { get; }

    /// <summary>What the host has sent to other hosts and received from them.</summary>
    TransferReport Transfers { get; }

    /// <summary>Each runs as long as the worker agent. One that ends, ends the host.</summary>
    IEnumerable<HostLoop> Loops { get; }
}
