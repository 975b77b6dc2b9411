namespace Gemini.Grains.Health;

/// <summary>The result of a probe: what a trainer answered when it was asked whether it lives.</summary>
public enum ProbeAnswer
{
    /// <summary>Nobody listens at its address any more: the process has ended.</summary>
    Refused,

    /// <summary>No answer to any attempt: the process is stopped or cut off, or its machine has failed.</summary>
    Silent,

    /// <summary>It lives, but nobody knows what its training loop does.</summary>
    Alive,

    /// <summary>It lives and is in no collective.</summary>
    Computing,

    /// <summary>It lives and waits for other ranks.</summary>
    WaitingForPeers,
}
