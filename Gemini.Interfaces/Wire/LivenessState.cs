namespace Gemini.Interfaces.Wire;

/// <summary>A trainer's own answer to the question whether it lives.</summary>
public enum LivenessState : byte
{
    /// <summary>It lives, but does not know what its training loop does.</summary>
    Alive = 1,

    /// <summary>It is in no collective.</summary>
    Computing = 2,

    /// <summary>It is in a collective, or connects to its peers.</summary>
    WaitingForPeers = 3,
}
