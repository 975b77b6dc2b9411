namespace Gemini.Silo.Status;

/// <summary>How a host's replicas share the training network with training, in a mode that sends them in idle spans.</summary>
internal sealed record StatusTraffic
{
    /// <summary>Mean time of an iteration.</summary>
    public required double IterationMs { get; init; }

    /// <summary>How much idle time of an iteration replicas may use.</summary>
    public required double IdleMs { get; init; }

    /// <summary>How long the replicas of one checkpoint use the network; null: not known yet.</summary>
    public required double? NeededMs { get; init; }

    /// <summary>Every how many iterations a checkpoint fits into that.</summary>
    public required int Interval { get; init; }

    /// <summary>By which share replicas make an iteration longer; null: not known yet.</summary>
    public required double? Cost { get; init; }

    /// <summary>How far replicas are held back because they cost more than is tolerated. 0: not at all.</summary>
    public required int Throttle { get; init; }
}
