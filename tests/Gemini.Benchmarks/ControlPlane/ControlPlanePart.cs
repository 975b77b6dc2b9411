namespace Gemini.Benchmarks.ControlPlane;

/// <summary>What <c>control-plane</c> measures.</summary>
internal enum ControlPlanePart
{
    /// <summary>The coordinator alone, in this process.</summary>
    Decisions,

    /// <summary>The grains in silo processes over loopback.</summary>
    Processes,
}
