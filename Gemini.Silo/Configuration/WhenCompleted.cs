using System.Text.Json.Serialization;

namespace Gemini.Silo.Configuration;

/// <summary>What a host does when its job has ended.</summary>
[JsonConverter(typeof(WhenCompletedConverter))]
public enum WhenCompleted
{
    /// <summary>The host stays, and keeps the last snapshot in its memory.</summary>
    Stay,

    /// <summary>
    /// The host exits: with 0 if the job is finished, with 1 if the job has been failed for 5 minutes. For jobs that a scheduler started and that
    /// have to end.
    /// </summary>
    Exit,
}
