using System.Text.Json.Serialization;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Status;

/// <summary>Milliseconds of each phase of a recovery. The phases have the same names everywhere.</summary>
internal sealed record RecoveryPhases(long Detect, long Decide, long Replace, long Fetch, long Load, long Resume)
{
    [JsonIgnore]
    public IEnumerable<(string Name, long Milliseconds)> All =>
    [
        ("detect", Detect), ("decide", Decide), ("replace", Replace), ("fetch", Fetch), ("load", Load), ("resume", Resume),
    ];

    [JsonIgnore]
    public long Total => Detect + Decide + Replace + Fetch + Load + Resume;

    /// <param name="failedAt">When the failure happened, Unix milliseconds.</param>
    /// <param name="detectedAt">When it was detected.</param>
    /// <param name="end">The recovery that ended. A phase whose time was not taken counts as 0; its time is part of the next phase.</param>
    public static RecoveryPhases Of(long failedAt, long detectedAt, RecoveryTimeline end)
    {
        var before = failedAt;
        return new RecoveryPhases(
            Since(detectedAt), Since(end.DecidedAt), Since(end.ReplacedAt), Since(end.FetchedAt), Since(end.LoadedAt), Since(end.ResumedAt));

        long Since(long at)
        {
            if (at <= before) return 0;
            var elapsed = at - before;
            before = at;
            return elapsed;
        }
    }
}
