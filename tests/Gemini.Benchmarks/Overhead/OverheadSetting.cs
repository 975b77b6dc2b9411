using Gemini.Benchmarks.Networks;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.Overhead;

/// <summary>Cases that differ only in their mode, so that they can be compared.</summary>
internal sealed record OverheadSetting(OverheadLoad Load, Topology Topology, string CongestionControl)
{
    public string Name => $"{Load.Name}/{Topology.ToString().ToLowerInvariant()}/{CongestionControl}";

    /// <summary>The name of a case: load/topology/cc/mode.</summary>
    public string NameOf(CheckpointMode mode) => $"{Name}/{mode.ToString().ToLowerInvariant()}";
}
