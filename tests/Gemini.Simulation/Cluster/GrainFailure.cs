namespace Gemini.Simulation.Cluster;

/// <summary>A grain call that failed, as its caller sees it.</summary>
internal sealed class GrainFailure(string message) : Exception(message);
