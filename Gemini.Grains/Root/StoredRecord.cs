using Gemini.Grains.Recovery;

namespace Gemini.Grains.Root;

/// <summary>What a record store holds.</summary>
/// <param name="Record">Null: there is none. It was never written, or the store has lost it.</param>
/// <param name="Etag">Needed to replace this record.</param>
internal readonly record struct StoredRecord(RootRecord? Record, string? Etag);
