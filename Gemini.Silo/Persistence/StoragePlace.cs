namespace Gemini.Silo.Persistence;

/// <summary>The place where a host stores snapshots.</summary>
/// <param name="Directory">A directory that all hosts see.</param>
/// <param name="GroupReads">Whether the group of the files may read them.</param>
internal sealed record StoragePlace(string Directory, bool GroupReads);
