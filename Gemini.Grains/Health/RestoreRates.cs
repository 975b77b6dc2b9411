using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>
/// How fast the job's hosts moved copies so far, in bytes per second: the slowest host counts. Null: nothing was measured yet. Pure.
/// </summary>
/// <param name="Copy">From another host's memory. Before the first such fetch: the slowest path that was measured before the job began.</param>
/// <param name="Storage">From storage.</param>
/// <param name="Load">From host memory into a trainer.</param>
internal readonly record struct RestoreRates(double? Copy, double? Storage, double? Load)
{
    /// <summary>A smaller copy measures messages and not a rate.</summary>
    internal const long LeastBytes = 1 << 20;

    public static RestoreRates Of(IEnumerable<HostReport> reports)
    {
        var (all, path) = (new RestoreRates(), (double?)null);
        foreach (var report in reports)
        {
            foreach (var measured in report.Paths) path = Slower(path, measured.BytesPerSecond, milliseconds: 1000);
            foreach (var restore in report.Restored) all = all.With(restore);
        }

        return all with { Copy = all.Copy ?? path };
    }

    private RestoreRates With(RankRestore restore)
    {
        if (restore.Bytes < LeastBytes) return this;
        var loaded = this with { Load = Slower(Load, restore.Bytes, restore.LoadMilliseconds) };
        return restore.Source switch
        {
            CopySource.Peer => loaded with { Copy = Slower(Copy, restore.Bytes, restore.FetchMilliseconds) },
            CopySource.Storage => loaded with { Storage = Slower(Storage, restore.Bytes, restore.FetchMilliseconds) },
            _ => loaded,
        };
    }

    /// <summary>The slower of a rate and a measurement. One without bytes or without a time says nothing.</summary>
    private static double? Slower(double? rate, long bytes, double milliseconds) =>
        bytes > 0 && milliseconds > 0 ? Math.Min(rate ?? double.PositiveInfinity, bytes / (milliseconds / 1000)) : rate;
}
