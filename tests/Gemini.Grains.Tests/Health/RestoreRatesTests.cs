using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Health;

public sealed class RestoreRatesTests
{
    private const long Bytes = 1_000_000_000;

    [Fact]
    public void NothingMeasured_NoRates() => Assert.Equal(default, RestoreRates.Of([Report(), Report(Restore(CopySource.None))]));

    [Fact]
    public void EachRate_IsThatOfTheSlowestHost()
    {
        var rates = RestoreRates.Of(
        [
            Report(Restore(CopySource.Peer, fetch: 1000, load: 100), Restore(CopySource.Peer, fetch: 500, load: 500)),
            Report(Restore(CopySource.Storage, fetch: 4000, load: 250), Restore(CopySource.Local, fetch: 9000, load: 200)),
        ]);
        Assert.Equal(new RestoreRates(Copy: 1e9, Storage: 0.25e9, Load: 2e9), rates);
    }

    [Fact]
    public void SmallCopies_MeasureMessages_AndDoNotCount() =>
        Assert.Equal(default, RestoreRates.Of([Report(Restore(CopySource.Peer, 1000, 1000, RestoreRates.LeastBytes - 1))]));

    [Fact]
    public void BeforeTheFirstFetch_TheSlowestPathCounts()
    {
        var fast = Report() with { Paths = [Path(3_000_000_000), Path(2_000_000_000)] };
        Assert.Equal(2e9, RestoreRates.Of([fast, Report()]).Copy);
        Assert.Equal(5e9, RestoreRates.Of([fast, Report(Restore(CopySource.Peer, fetch: 200))]).Copy);
    }

    private static PathReport Path(long bytesPerSecond) => new(new HostName("b"), bytesPerSecond, Inflation: 1, IsClassed: true);

    private static RankRestore Restore(CopySource source, double fetch = 0, double load = 0, long bytes = Bytes) => new()
    {
        Rank = new Rank(0),
        Epoch = new Epoch(2),
        Source = source,
        Bytes = source == CopySource.None ? 0 : bytes,
        FetchMilliseconds = fetch,
        LoadMilliseconds = load,
    };

    private static HostReport Report(params ImmutableArray<RankRestore> restored) => new()
    {
        Host = new HostName("a"),
        Incarnation = 1,
        Sequence = 1,
        SpecFingerprint = "",
        DataEndpoint = "",
        Restored = restored,
    };
}
