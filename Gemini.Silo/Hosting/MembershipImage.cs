using System.Collections.Immutable;

namespace Gemini.Silo.Hosting;

/// <summary>One reading of the whole membership table in Redis.</summary>
/// <param name="Version">The table's version; null: the table has none, because it was emptied or never made.</param>
/// <param name="Rows">The rows, each under its silo's address and as Orleans' Redis provider writes it.</param>
internal sealed record MembershipImage(long? Version, ImmutableDictionary<string, string> Rows);
