namespace Gemini.Interfaces.Model;

/// <summary>
/// How often a committed snapshot is copied to persistent storage, and how many snapshots are kept there. Must be the same on all hosts of a job. The
/// default is the paper's: every 3 hours (paper §7.1), written in the background.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.StoragePolicy")]
public sealed record StoragePolicy
{
    /// <summary>How often the paper's baseline <i>Strawman</i> saves: every 3 hours. The baseline itself: <see cref="CheckpointMode.Strawman"/>.</summary>
    public static StoragePolicy Strawman { get; } = new();

    /// <summary>
    /// How often the paper's baseline <i>HighFreq</i> saves: as often as storage allows. The next snapshot is written as soon as the snapshot before
    /// it is complete. That gives one snapshot every ⌈t_ckpt / T_iter⌉ iterations.
    /// </summary>
    public static StoragePolicy HighFreq { get; } = new() { Every = TimeSpan.Zero };

    /// <summary>Time from the start of one snapshot's write to the start of the next; zero: as often as storage allows. Default: 3 hours.</summary>
    [Id(0)] public TimeSpan Every { get; init; } = TimeSpan.FromHours(3);

    /// <summary>If above 0, replaces <see cref="Every"/>: iterations that are a multiple of this number are persisted. Default: 0.</summary>
    [Id(1)] public long EveryIterations { get; init; }

    /// <summary>How many complete snapshots storage keeps, the newest ones. At least 1. Default: 2.</summary>
    [Id(2)] public int Keep { get; init; } = 2;

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"every {(EveryIterations > 0 ? $"{EveryIterations} iterations" : $"{Every.TotalSeconds} s")}, keep {Keep}");
}
