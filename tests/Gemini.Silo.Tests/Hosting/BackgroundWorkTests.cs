using System.Collections.Immutable;
using System.Threading.Channels;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Hosting;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>The host's background loops: a change of the cluster's members makes the host report at once.</summary>
public sealed class BackgroundWorkTests : IDisposable
{
    private readonly TestMemory _files = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Membership _membership = new();
    private readonly HostStorage _storage;
    private readonly CancellationTokenSource _stop = new();
    private readonly BackgroundWork _work;

    public BackgroundWorkTests()
    {
        _storage = HostStorage.None(_time);
        // Its first look is an hour away, so the scrub does nothing here.
        var scrubber = new Scrubber(_files.Memory, new Nobody(), new ScrubOptions { LookPeriod = TimeSpan.FromHours(1) }, _time, NullLogger<Scrubber>.Instance);
        _work = new BackgroundWork(scrubber, _storage, new TransferCounters(), _membership);
    }

    public void Dispose()
    {
        _stop.Dispose();
        _storage.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task MembersChange_EachTime_TheHostIsToReport()
    {
        var changes = 0;
        void Count() => Interlocked.Increment(ref changes);
        _work.Changed += Count;
        var running = HostLoop.RunAsync(_work.Loops, _time, NullLogger.Instance, _stop.Token);
        for (var version = 1; version <= 3; version++)
        {
            _membership.Publish(version);
            await Wait.UntilAsync(() => Volatile.Read(ref changes) == version, $"change {version}");
        }

        _work.Changed -= Count;
        _membership.Publish(4);
        await Wait.UntilAsync(() => _membership.IsRead, "the last change to be read");
        Assert.Equal(3, changes);
        await _stop.CancelAsync();
        Assert.Null(await running.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken));
    }

    /// <summary>If the updates end, the host must not go on without them silently: the loop fails, and is tried again.</summary>
    [Fact]
    public async Task UpdatesEnd_TheLoopTriesAgain()
    {
        var changes = 0;
        _work.Changed += () => Interlocked.Increment(ref changes);
        var running = HostLoop.RunAsync(_work.Loops, _time, NullLogger.Instance, _stop.Token);
        _membership.End();
        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _membership.Readers > 1;
            },
            "the next attempt");
        Assert.False(running.IsCompleted);
        _membership.Publish(1);
        await Wait.UntilAsync(() => Volatile.Read(ref changes) == 1, "the change");
        await _stop.CancelAsync();
        await running.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Reports_AreThoseOfScrubAndTransfers()
    {
        Assert.Equal((0L, 0L), (_work.Scrub.Bytes, _work.Transfers.SentBytes));
        Assert.Equal(2, _work.Loops.Count());
    }

    private sealed class Nobody : IChunkSource
    {
        public Task<bool> TryGetAsync(SegmentLease copy, int chunk, Memory<byte> target, CancellationToken ct) => Task.FromResult(false);
    }

    /// <summary>A membership service; only its updates are used.</summary>
    private sealed class Membership : IClusterMembershipService
    {
        private readonly Lock _gate = new();
        private Channel<ClusterMembershipSnapshot> _updates = Channel.CreateUnbounded<ClusterMembershipSnapshot>();
        private int _readers;

        public int Readers
        {
            get { lock (_gate) return _readers; }
        }

        public bool IsRead
        {
            get { lock (_gate) return _updates.Reader.Count == 0; }
        }

        public ClusterMembershipSnapshot CurrentSnapshot => Snapshot(0);

        /// <summary>Each reader but the first gets new updates.</summary>
        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates
        {
            get
            {
                lock (_gate)
                {
                    if (_readers++ > 0) _updates = Channel.CreateUnbounded<ClusterMembershipSnapshot>();
                    return _updates.Reader.ReadAllAsync();
                }
            }
        }

        public void Publish(long version)
        {
            lock (_gate) Assert.True(_updates.Writer.TryWrite(Snapshot(version)));
        }

        public void End()
        {
            lock (_gate) _updates.Writer.Complete();
        }

        public ValueTask Refresh(MembershipVersion minimumVersion, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();

        private static ClusterMembershipSnapshot Snapshot(long version) =>
            new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, new MembershipVersion(version));
    }
}
