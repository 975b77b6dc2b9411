namespace Gemini.Grains.Health;

/// <summary>What is done about a snapshot that is not committed.</summary>
internal enum CommitRemedy
{
    /// <summary>Nothing: it may still be committed, or the cause is known and mended elsewhere.</summary>
    None,

    /// <summary>Tell every rank that the captured snapshot will not be committed.</summary>
    Abandon,

    /// <summary>Begin a new epoch, as after a software failure of nobody.</summary>
    BeginEpoch,
}
