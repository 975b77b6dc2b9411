using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

/// <summary>The content of the store.</summary>
/// <param name="Complete">Complete snapshots, newest first.</param>
/// <param name="Problems">The refused snapshots, each with the reason; or why the store cannot be read.</param>
internal sealed record StoreListing(ImmutableArray<StoredSnapshot> Complete, ImmutableArray<string> Problems);
