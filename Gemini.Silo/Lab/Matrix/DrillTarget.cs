namespace Gemini.Silo.Lab.Matrix;

/// <summary>What a case of the kill matrix kills.</summary>
internal enum DrillTarget
{
    /// <summary>The training process of one host.</summary>
    Trainer,

    /// <summary>The silo of one host; its trainer and its memory stay.</summary>
    Silo,

    /// <summary>Silo, trainer and memory of one host.</summary>
    Host,

    /// <summary>Two hosts that keep replicas for each other.</summary>
    GroupPair,

    /// <summary>Two hosts of different groups.</summary>
    CrossPair,

    /// <summary>Every host, including the standby.</summary>
    All,

    /// <summary>The host on which the root agent runs; it may be the standby.</summary>
    Root,

    Standby,

    /// <summary>Only the server of membership and of the root agent's record.</summary>
    Redis,
}
