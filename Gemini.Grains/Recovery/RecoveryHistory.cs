using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Keeps the time lines in the record small, because the whole record is written at every recovery. Pure.</summary>
internal static class RecoveryHistory
{
    /// <summary>Longest reason of one attempt, in characters: a sentence or two, and the last line of a trainer that died.</summary>
    public const int ReasonLimit = 400;

    /// <summary>Longest reason of a recovery with its notes, in characters: two attempts and some notes.</summary>
    private const int NotedLimit = 4 * ReasonLimit;

    /// <summary>Characters of all reasons together. The rest of a time line takes about 200 bytes, so 100 time lines stay below 100 KB.</summary>
    private const int TextLimit = 64 * 1024;

    /// <summary>Ranks whose details are kept, over all time lines: about 100 bytes each.</summary>
    private const int RankLimit = 4096;

    /// <summary>The time line after one more attempt: its reason has the first reason, the newest one, and the number of attempts.</summary>
    public static RecoveryTimeline WithAttempt(RecoveryTimeline timeline, string reason)
    {
        var first = timeline.FirstReason.Length > 0 ? timeline.FirstReason : timeline.Reason;
        var attempts = timeline.Attempts + 1;
        var count = attempts == 2 ? "" : $" (attempt {attempts})";
        var both = $"{first}; then {Short(reason)}{count}";
        return timeline with { FirstReason = first, Attempts = attempts, Reason = both };
    }

    /// <summary>The time line with a note about the same attempt. A note that makes the reason too long is left out.</summary>
    public static RecoveryTimeline WithNote(RecoveryTimeline timeline, string note)
    {
        var reason = $"{timeline.Reason}; {Short(note)}";
        return timeline with { Reason = reason.Length <= NotedLimit ? reason : timeline.Reason };
    }

    /// <summary>The reason, cut to <see cref="ReasonLimit"/>.</summary>
    public static string Short(string reason) =>
        reason.Length <= ReasonLimit ? reason : string.Concat(reason.AsSpan(0, ReasonLimit - 3), "...");

    /// <summary>The newest time lines, as many as fit. Only the newest of them keep the details of ranks.</summary>
    /// <param name="timelines">Oldest first.</param>
    /// <param name="retained">How many to keep.</param>
    /// <param name="detailed">How many of them keep what every rank did.</param>
    public static ImmutableArray<RecoveryTimeline> Bounded(
        ImmutableArray<RecoveryTimeline> timelines, int retained, int detailed)
    {
        var kept = new List<RecoveryTimeline>();
        var (text, ranks) = (0, 0);
        foreach (var timeline in timelines.Reverse().Take(retained))
        {
            text += timeline.Reason.Length + timeline.FirstReason.Length;
            if (kept.Count > 0 && text > TextLimit) break;
            ranks += timeline.Ranks.Length;
            var hasDetails = kept.Count < detailed && (kept.Count == 0 || ranks <= RankLimit);
            kept.Add(hasDetails || timeline.Ranks.IsEmpty ? timeline : timeline with { Ranks = [] });
        }

        kept.Reverse();
        return [.. kept];
    }
}
