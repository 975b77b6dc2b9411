namespace Gemini.Grains.Health;

/// <summary>What is wrong with a host, if anything.</summary>
public enum HealthVerdict
{
    Healthy,

    /// <summary>The host's silo is away and its trainers continue, as far as is known: wait.</summary>
    SiloAway,

    /// <summary>A trainer is dead; the host and its memory live. Paper §6.1: software failure.</summary>
    TrainerFailed,

    /// <summary>The host has failed, and its memory is lost. Paper §6.1: hardware failure.</summary>
    HostFailed,
}
