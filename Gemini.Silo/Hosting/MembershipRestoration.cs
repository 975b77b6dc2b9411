using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Gemini.Silo.Hosting;

/// <summary>
/// Decides what a silo does if the membership table in Redis has lost data, and what the silo writes back. Pure.
/// <para>
/// A silo ignores a table whose version is below the one it knows, and ends itself if a newer table has no row for it. So the rows of all living
/// silos are written in one step, together with a version above all that they know. Rows of silos that died meanwhile are written as well, because a
/// silo without a row cannot be declared dead.
/// </para>
/// </summary>
internal static class MembershipRestoration
{
    /// <summary>What to do after a look at the table.</summary>
    /// <param name="view">The members as the silo knows them. Read it before the table, so that the table is never older than the view.</param>
    /// <param name="known">The last whole table that the silo has read; null: none yet.</param>
    /// <param name="found">What the table has now.</param>
    public static MembershipDecision Decide(MembershipView view, MembershipImage? known, MembershipMark found)
    {
        if (!view.IsActive) return Nothing("this silo is not active");
        if (found.Version is { } version && version > view.Version && !found.HasOwnRow)
        {
            // A frozen silo that was declared dead long ago finds the same. That silo must not come back.
            return Nothing($"the table is newer than what this silo knows ({version}, not {view.Version}) and has no row for this silo: "
                + "this silo is no longer a member");
        }

        if (LossIn(view, found) is { } loss)
            return known is null ? Nothing($"{loss}, and this silo has never read the table") : new(MembershipStep.Restore, loss);
        return known?.Version == found.Version ? Nothing("the table is as it was") : new(MembershipStep.Learn, $"the table is at version {found.Version}");
    }

    /// <summary>Whether to remember a table that was read after <paramref name="found"/>: it may have been emptied in between.</summary>
    public static bool IsWhole(MembershipImage read, MembershipView view, MembershipMark found) =>
        read.Version >= found.Version && read.Rows.ContainsKey(view.Self);

    /// <summary>
    /// The table to write in place of <paramref name="current"/>: all its rows, and those it has lost. No silo's status goes back, so a dead silo
    /// stays dead.
    /// </summary>
    /// <param name="view">The members as the silo knows them.</param>
    /// <param name="known">The last whole table that the silo has read.</param>
    /// <param name="current">The table as it is.</param>
    /// <param name="now">The new sign-of-life time of the rows that are written back; their own times are as old as <paramref name="known"/>.</param>
    public static MembershipImage Restore(MembershipView view, MembershipImage known, MembershipImage current, DateTimeOffset now)
    {
        var rows = known.Rows.Where(row => !current.Rows.ContainsKey(row.Key)).Select(row => KeyValuePair.Create(row.Key, Renewed(row.Value, now)))
            .Concat(current.Rows)
            .ToImmutableDictionary(row => row.Key, row => AtLeast(row.Value, view.Members.GetValueOrDefault(row.Key)));
        // A living silo without a row here joined just before the loss. A version above the one it knows would end it. So keep the version; that silo
        // writes its own row.
        var isComplete = view.Members.All(member => member.Value == SiloStatus.Dead || rows.ContainsKey(member.Key));
        var newest = Math.Max(current.Version ?? 0, view.Version);
        return new MembershipImage(isComplete ? newest + 1 : newest, rows);
    }

    private static string? LossIn(MembershipView view, MembershipMark found)
    {
        if (found.Version is not { } version) return "the table is empty";
        if (!found.HasOwnRow) return "this silo's row is missing";
        return version < view.Version ? $"the table went back to version {version} from {view.Version}" : null;
    }

    private static string Renewed(string row, DateTimeOffset now)
    {
        var json = JsonNode.Parse(row)!;
        json[nameof(MembershipEntry.IAmAliveTime)] = now.UtcDateTime;
        return json.ToJsonString();
    }

    /// <summary>Raises the row's status to at least this one. Statuses are numbered in the order in which a silo passes through them.</summary>
    private static string AtLeast(string row, SiloStatus status)
    {
        var json = JsonNode.Parse(row)!;
        if ((int)json[nameof(MembershipEntry.Status)]! >= (int)status) return row;
        json[nameof(MembershipEntry.Status)] = (int)status;
        return json.ToJsonString();
    }

    private static MembershipDecision Nothing(string reason) => new(MembershipStep.Nothing, reason);
}
