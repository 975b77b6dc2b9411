namespace Gemini.Interfaces.Model;

/// <summary>How far a request for a machine is.</summary>
[GenerateSerializer, Alias("gemini.MachineRequestState")]
public enum MachineRequestState
{
    /// <summary>The machine is asked for when the pause is over: the first time, or after an attempt that failed.</summary>
    Pausing,

    /// <summary>The machine operator is at work on it.</summary>
    Asked,

    /// <summary>The operator has brought a machine up; its host has yet to join.</summary>
    Joining,
}
