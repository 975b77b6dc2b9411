namespace Gemini.Interfaces.Model;

/// <summary>Which of the paper's placements a job uses (GEMINI, SOSP'23, §4).</summary>
[GenerateSerializer, Alias("gemini.ReplicaPlacement")]
public enum ReplicaPlacement
{
    /// <summary>Groups of m, the last one a ring when m does not divide N. The default.</summary>
    Mixed,

    /// <summary>Groups of m only; m must divide N.</summary>
    Group,

    /// <summary>One ring of all hosts. The paper compares its placement with this one.</summary>
    Ring,
}
