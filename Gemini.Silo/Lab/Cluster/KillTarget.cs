namespace Gemini.Silo.Lab.Cluster;

/// <summary>What a kill hits.</summary>
internal enum KillTarget
{
    /// <summary>The host's training processes: a software failure.</summary>
    Trainer,

    /// <summary>The host's silo alone; its trainers and its memory stay, and the launcher starts the silo again.</summary>
    Silo,

    /// <summary>Silo, trainers, spares and memory, as when a machine dies: a hardware failure.</summary>
    Host,
}
