namespace Gemini.Grains.Health;

/// <summary>What is wrong with a host, if anything.</summary>
public enum HealthVerdict
{
    Healthy,

    /// <summary>The silo is away, the trainers go on: wait.</summary>
    Exposed,

    /// <summary>A trainer is dead; the host and its memory live. Paper §6.1: software failure.</summary>
    TrainerFailed,

    /// <summary>The host is gone, and its memory with it. Paper §6.1: hardware failure.</summary>
    HostFailed,
}
