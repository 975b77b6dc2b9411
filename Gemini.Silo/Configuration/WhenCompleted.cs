using System.Text.Json.Serialization;

namespace Gemini.Silo.Configuration;

/// <summary>What a host does when its job has ended.</summary>
[JsonConverter(typeof(WhenCompletedConverter))]
public enum WhenCompleted
{
    /// <summary>It stays, and with it the last snapshot in its memory.</summary>
    Stay,

    /// <summary>
    /// It exits: with 0 when the job is finished, with 1 when the job has been failed for 5 minutes. For jobs that a scheduler started and
    /// that have to end.
    /// </summary>
    Exit,
}
