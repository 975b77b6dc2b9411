namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// When a case of the kill matrix kills: at a <see cref="Interfaces.Drills.Moment"/> of training or, from <see cref="Decide"/> on, of
/// the recovery from a first failure.
/// </summary>
internal enum DrillTime
{
    Capture,
    Replication,
    Seal,
    Commit,

    /// <summary>While nothing in particular happens.</summary>
    Between,
    Decide,
    Replace,
    Fetch,
    Resume,
    Load,
}
