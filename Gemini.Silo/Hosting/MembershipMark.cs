namespace Gemini.Silo.Hosting;

/// <summary>The part of the membership table in Redis that shows whether the table has lost anything.</summary>
/// <param name="Version">The table's version; null: the table has none, because it was emptied or never made.</param>
/// <param name="HasOwnRow">Whether the row of the silo that asks is there.</param>
internal readonly record struct MembershipMark(long? Version, bool HasOwnRow);
