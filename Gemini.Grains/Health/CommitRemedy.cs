namespace Gemini.Grains.Health;

/// <summary>What to do about a snapshot that is not committed.</summary>
internal enum CommitRemedy
{
    /// <summary>Nothing: the snapshot may still be committed, or another rule handles the cause.</summary>
    None,

    /// <summary>Tell every rank that the captured snapshot will not be committed.</summary>
    Abandon,

    /// <summary>Begin a new epoch, as after a software failure that no host caused.</summary>
    BeginEpoch,
}
