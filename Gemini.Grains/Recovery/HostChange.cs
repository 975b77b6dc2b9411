namespace Gemini.Grains.Recovery;

/// <summary>What has changed about the copies of a host.</summary>
[Flags]
internal enum HostChange
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The host may hold other copies than before, or has refused to take in a guest.</summary>
    Copies = 1,

    /// <summary>Copies may be lost: the silo process has died or was replaced by another one, or a copy failed its check.</summary>
    Losses = 2,
}
