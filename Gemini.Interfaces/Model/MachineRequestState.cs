namespace Gemini.Interfaces.Model;

/// <summary>How far a request for a machine is.</summary>
[GenerateSerializer, Alias("gemini.MachineRequestState")]
public enum MachineRequestState
{
    /// <summary>A pause before the first attempt, or after a failed one. The machine is requested when the pause ends.</summary>
    Pausing,

    /// <summary>The machine operator is working on the request.</summary>
    Asked,

    /// <summary>The operator has started a machine; its host has not joined yet.</summary>
    Joining,
}
