namespace Gemini.Silo.Status;

/// <summary>The chance to recover from host memory if several hosts, or all hosts of several domains, are lost together.</summary>
internal sealed record StatusRisk
{
    /// <summary>"host", or a label.</summary>
    public required string What { get; init; }

    public required int Lost { get; init; }

    public required int Of { get; init; }

    public required double RecoveryProbability { get; init; }

    public required double LossProbability { get; init; }

    /// <summary>Such as "14/15"; null if the text is too long.</summary>
    public required string? RecoveryFraction { get; init; }

    /// <summary>"exact" or "lower bound".</summary>
    public required string Method { get; init; }
}
