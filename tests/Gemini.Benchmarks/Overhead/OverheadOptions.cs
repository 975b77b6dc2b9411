using System.Collections.Immutable;
using Gemini.Benchmarks.Networks;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;

namespace Gemini.Benchmarks.Overhead;

/// <summary>What <c>overhead</c> was asked to do.</summary>
internal sealed record OverheadOptions
{
    public ImmutableArray<OverheadLoad> Loads { get; init; } = [OverheadLoad.All[0]];

    public ImmutableArray<Topology> Topologies { get; init; } = [Topology.Fifo];

    public ImmutableArray<string> CongestionControls { get; init; } = ["cubic"];

    /// <summary>The modes that are compared with <see cref="CheckpointMode.None"/>, which is always measured.</summary>
    public ImmutableArray<CheckpointMode> Modes { get; init; } =
        [CheckpointMode.Gemini, CheckpointMode.Marked, CheckpointMode.Naive, CheckpointMode.Unpipelined, CheckpointMode.Blocking];

    /// <summary>N: hosts that train, without a standby. At least 2.</summary>
    public int Hosts { get; init; } = 4;

    public string Model { get; init; } = ModelPresets.DefaultName;

    /// <summary>By how much the published times are divided.</summary>
    public double Scale { get; init; } = 20;

    /// <summary>How often all modes are measured, one after the other.</summary>
    public int Repetitions { get; init; } = 3;

    /// <summary>Iterations that are not measured: the network's idle spans are learnt from the first 20.</summary>
    public int WarmUp { get; init; } = 25;

    /// <summary>Measured iterations of each run. At most 120, because a network page keeps no more.</summary>
    public int Iterations { get; init; } = 30;

    /// <summary>Where to write the measurements as JSON; null: nowhere.</summary>
    public string? Json { get; init; }

    public IEnumerable<OverheadSetting> Settings =>
        from load in Loads
        from topology in load.Source is null ? [Topology.Open] : Topologies
        from control in CongestionControls
        select new OverheadSetting(load, topology, control);
}
