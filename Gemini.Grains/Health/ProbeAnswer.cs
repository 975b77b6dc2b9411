namespace Gemini.Grains.Health;

/// <summary>What came of asking a trainer whether it lives.</summary>
public enum ProbeAnswer
{
    /// <summary>Nobody listens where it did: the process is gone.</summary>
    Refused,

    /// <summary>No answer, however often it was asked: stopped, cut off, or gone with its machine.</summary>
    Silent,

    /// <summary>It lives; what its training loop does is not known.</summary>
    Alive,

    /// <summary>It lives and is in no collective.</summary>
    Computing,

    /// <summary>It lives and waits for other ranks.</summary>
    WaitingForPeers,
}
