namespace Gemini.Silo.Status;

/// <summary>The short answer to "where am I safe?".</summary>
internal enum SafetyVerdict
{
    /// <summary>Training or finished, and every shard of the committed snapshot has all its copies on live hosts.</summary>
    Safe,

    /// <summary>Training, but a shard has fewer copies than asked for, or commits are held up, or nothing is committed yet.</summary>
    Degraded,

    /// <summary>Starting, or on the way back from a failure.</summary>
    Recovering,

    /// <summary>The job cannot go on by itself.</summary>
    Failed,
}
