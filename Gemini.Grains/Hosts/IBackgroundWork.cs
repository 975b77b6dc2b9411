using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>The host's other repeated work: it scrubs its memory, looks into storage, and follows the cluster's membership.</summary>
public interface IBackgroundWork
{
    /// <summary>The scrub's report has changed, or a host has joined or was lost. Any thread, under no lock.</summary>
    event Action? Changed;

    /// <summary>How far the scrub of host memory has come.</summary>
    ScrubReport Scrub { get; }

    /// <summary>What the host has sent to other hosts and received from them.</summary>
    TransferReport Transfers { get; }

    /// <summary>Bytes of this process's managed heap.</summary>
    long ManagedBytes { get; }

    /// <summary>Each loop runs as long as the worker agent. If a loop ends, the host ends.</summary>
    IEnumerable<HostLoop> Loops { get; }
}
