using System.Text.Json.Serialization;

namespace Gemini.Silo.Lab.Detection;

/// <summary>What is done to a host, and the verdict that must follow.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Fault>))]
internal enum Fault
{
    /// <summary>SIGKILL to its trainer: software failure.</summary>
    KillTrainer,

    /// <summary>SIGKILL to its silo alone: the silo is away, and the job continues to train.</summary>
    KillSilo,

    /// <summary>SIGKILL to its silo, its trainer and its spares: hardware failure.</summary>
    KillHost,

    /// <summary>SIGSTOP to its silo and its trainer: hardware failure.</summary>
    FreezeHost,

    /// <summary>The same, to the host on which the root agent runs.</summary>
    FreezeRoot,

    /// <summary>SIGSTOP to its silo alone: the silo is away, and the job continues to train.</summary>
    FreezeSilo,

    /// <summary>SIGSTOP to its trainer alone: software failure.</summary>
    FreezeTrainer,

    /// <summary>The link of its network interface goes down, and nobody is told: hardware failure.</summary>
    CutCable,
}
