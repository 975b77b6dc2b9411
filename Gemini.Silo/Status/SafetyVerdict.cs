namespace Gemini.Silo.Status;

/// <summary>The short answer to "where am I safe?".</summary>
internal enum SafetyVerdict
{
    /// <summary>
    /// Training or finished, and every shard of the committed snapshot has all its copies on present hosts. Or finished, and in storage.
    /// </summary>
    Safe,

    /// <summary>Training, but a shard has fewer copies than configured, or commits do not keep up, or nothing is committed yet.</summary>
    Degraded,

    /// <summary>The job starts, or recovers from a failure.</summary>
    Recovering,

    /// <summary>The job cannot continue by itself.</summary>
    Failed,
}
