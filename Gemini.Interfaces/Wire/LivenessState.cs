namespace Gemini.Interfaces.Wire;

/// <summary>What a trainer says of itself when it is asked whether it lives.</summary>
public enum LivenessState : byte
{
    /// <summary>It does not know what its training loop does.</summary>
    Alive = 1,

    /// <summary>It is in no collective.</summary>
    Computing = 2,

    /// <summary>It is in a collective, or connects to its peers.</summary>
    WaitingForPeers = 3,
}
