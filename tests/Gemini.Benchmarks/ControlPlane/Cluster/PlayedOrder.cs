namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>The orders that a silo process gets. Each is followed by a moment, in Unix milliseconds.</summary>
internal static class PlayedOrder
{
    /// <summary>Start the hosts at this moment. Answered with the milliseconds until all of them train.</summary>
    public const string Form = "form";

    /// <summary>The first iteration begins at this moment. No answer.</summary>
    public const string Train = "train";

    /// <summary>Measure from this moment to another one. Answered with a <see cref="SiloMeasurement"/>.</summary>
    public const string Measure = "measure";
}
