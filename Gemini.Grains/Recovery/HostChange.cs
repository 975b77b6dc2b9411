namespace Gemini.Grains.Recovery;

/// <summary>What matters to copies in the newest that is known of a host.</summary>
[Flags]
internal enum HostChange
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It may hold other copies than before, or has refused one.</summary>
    Copies = 1,

    /// <summary>Copies may be gone: its silo process is another one or has died, or a copy failed its check.</summary>
    Losses = 2,
}
