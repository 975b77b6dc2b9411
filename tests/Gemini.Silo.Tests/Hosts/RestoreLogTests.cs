using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Hosts;

public sealed class RestoreLogTests
{
    private static readonly ShardDirective Shard = new() { Owner = new Rank(3), PayloadBytes = 1000 };

    private readonly SteppedTime _time = new();

    [Fact]
    public void Entries_HaveSourceSizeAndBothTimes()
    {
        var log = new RestoreLog(_time);
        var attempt = log.Begin(Shard, new Epoch(2));
        _time.Step(8);
        attempt.Obtained(CopySource.Peer, new HostName("h1"));
        log.Loading(Shard.Owner, new Epoch(2));
        _time.Step(5);
        log.Loading(Shard.Owner, new Epoch(2));
        _time.Step(2);
        log.Loaded(Shard.Owner, new Epoch(2));

        var entry = Assert.Single(log.Entries);
        Assert.Equal((CopySource.Peer, new HostName("h1"), 1000, 8.0, 7.0), (entry.Source, entry.From, entry.Bytes, entry.FetchMilliseconds, entry.LoadMilliseconds));
    }

    /// <summary>A second attempt finds the copy that the first attempt fetched. The log still says that it was fetched.</summary>
    [Fact]
    public void Obtained_TwiceInAnEpoch_TheFirstStands_AndTheNextEpochReplacesIt()
    {
        var log = new RestoreLog(_time);
        log.Begin(Shard, new Epoch(2)).Obtained(CopySource.Storage);
        log.Begin(Shard, new Epoch(2)).Obtained(CopySource.Local);
        Assert.Equal(CopySource.Storage, Assert.Single(log.Entries).Source);

        log.Begin(Shard, new Epoch(3)).Obtained(CopySource.None);
        Assert.Equal((CopySource.None, 0, new Epoch(3)), (log.Entries[0].Source, log.Entries[0].Bytes, log.Entries[0].Epoch));
    }

    [Fact]
    public void Loaded_OfAnotherEpoch_CountsForNothing()
    {
        var log = new RestoreLog(_time);
        log.Begin(Shard, new Epoch(2)).Obtained(CopySource.Local);
        log.Loading(Shard.Owner, new Epoch(2));
        _time.Step(5);
        log.Loaded(Shard.Owner, new Epoch(1));

        Assert.Equal(0, Assert.Single(log.Entries).LoadMilliseconds);
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long _milliseconds;

        public override long TimestampFrequency => 1000;

        public void Step(int milliseconds) => _milliseconds += milliseconds;

        public override long GetTimestamp() => _milliseconds;
    }
}
