namespace Gemini.Grains.Placement;

/// <summary>Which of the paper's placements a job uses (GEMINI, SOSP'23, §4).</summary>
public enum ReplicaPlacement
{
    /// <summary>Groups of m, the last one a ring when m does not divide N. The default: see <see cref="MixedPlacement"/>.</summary>
    Mixed,

    /// <summary>Groups of m only; m must divide N. See <see cref="GroupPlacement"/>.</summary>
    Group,

    /// <summary>One ring of all hosts, the paper's comparison. See <see cref="RingPlacement"/>.</summary>
    Ring,
}
