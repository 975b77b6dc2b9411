using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>When the store is listed, what is reported of it, and which snapshots are no longer offered. Each look is one call; time is fake.</summary>
public sealed class StoreListerTests : IDisposable
{
    private static readonly PersistenceOptions Options = new();

    private readonly ScriptedStore _store = new();
    private readonly HostState _state = new();
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly StoreLister _lister;
    private int _changes;

    public StoreListerTests()
    {
        _lister = new StoreLister(_store, _state, Options, _time, NullLogger<StoreLister>.Instance);
        _lister.Changed += () => _changes++;
        _store.List = () => Task.FromResult(Listing(20, 10));
    }

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task Look_Halted_ReportsNewestFirstAndFindsEachShard()
    {
        Halt(epoch: 2);
        await LookAsync();
        Assert.Equal((new Epoch(2), null), (_lister.Report.LookedIn, _lister.Report.Problem));
        Assert.Equal([Snapshot(20), Snapshot(10)], _lister.Report.Complete.Select(stored => stored.Snapshot));
        Assert.Equal(new Rank(1), _lister.Find(Snapshot(10), new Rank(1))!.Owner);
        Assert.Null(_lister.Find(Snapshot(10), new Rank(2)));
        Assert.Null(_lister.Find(Snapshot(11), new Rank(1)));
    }

    /// <summary>A listing costs a walk through the store. So nobody lists while the job runs, and a halted host lists once in a period.</summary>
    [Fact]
    public async Task Look_IsOncePerPeriodAndAtOnceInANewEpoch()
    {
        Halt(epoch: 2);
        await LookAsync();
        var waiting = _lister.LookAsync(_stop.Token);
        _time.Advance(Options.LookPeriod);
        await waiting.WaitAsync(Wait.Limit);
        Assert.Equal(1, _store.Lists);
        await LookAsync();
        Assert.Equal(2, _store.Lists);

        Halt(epoch: 3);
        await LookAsync();
        Assert.Equal((3, new Epoch(3)), (_store.Lists, _lister.Report.LookedIn));
    }

    [Theory]
    [InlineData(DirectiveStep.Prepare)]
    [InlineData(DirectiveStep.Run)]
    public async Task Look_NotHalted_ListsNothing(DirectiveStep step)
    {
        Halt(epoch: 2);
        await LookAsync();
        Direct(epoch: 2, step);
        _time.Advance(Options.LookPeriod);
        var waiting = _lister.LookAsync(_stop.Token);
        Assert.False(waiting.IsCompleted);
        _lister.Wake();
        await waiting.WaitAsync(Wait.Limit);
        Assert.Equal(1, _store.Lists);
        Assert.Empty(_lister.Report.Complete);
        // A plan that is carried out still needs the entries of the store.
        Assert.NotNull(_lister.Find(Snapshot(20), new Rank(0)));
    }

    [Fact]
    public async Task Changed_OnlyIfTheReportHas()
    {
        Halt(epoch: 2);
        await LookAsync();
        Assert.Equal(1, _changes);
        await LookAgainAsync();
        Assert.Equal(1, _changes);

        _store.List = () => Task.FromResult(Listing(10));
        await LookAgainAsync();
        Assert.Equal(2, _changes);
        _store.List = () => Task.FromResult(new StoreListing(Listing(10).Complete, ["20@1 is damaged"]));
        await LookAgainAsync();
        Assert.Equal((3, "20@1 is damaged"), (_changes, _lister.Report.Problem));
    }

    [Fact]
    public async Task Refuse_IsForEver_AndSaidOnce()
    {
        Halt(epoch: 2);
        await LookAsync();
        _lister.Refuse(Snapshot(20), "its bytes do not match");
        _lister.Refuse(Snapshot(20), "another reason");
        Assert.Equal(2, _changes);
        Halt(epoch: 3);
        await LookAsync();

        Assert.Equal([Snapshot(10)], _lister.Report.Complete.Select(stored => stored.Snapshot));
        Assert.Equal("snapshot 20@1 is refused: its bytes do not match", _lister.Report.Problem);
        Assert.Null(_lister.Find(Snapshot(20), new Rank(0)));
    }

    [Fact]
    public async Task Problems_OfTheStoreAndOfRefusals_AreAllNamed()
    {
        Halt(epoch: 2);
        _store.List = () => Task.FromResult(new StoreListing(Listing(20, 10).Complete, ["30@1 is damaged", "25@1 is another job's"]));
        await LookAsync();
        _lister.Refuse(Snapshot(20), "the trainer cannot load it");
        Assert.Equal("30@1 is damaged; 25@1 is another job's; snapshot 20@1 is refused: the trainer cannot load it", _lister.Report.Problem);
    }

    /// <summary>Nothing can end a call into a file system that hangs. So later looks wait for the same call, and only one thread hangs.</summary>
    [Fact]
    public async Task Look_StoreHangs_IsSaidAndOnlyOneCallHangs()
    {
        var answer = new TaskCompletionSource<StoreListing>(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.List = () => answer.Task;
        Halt(epoch: 2);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var look = _lister.LookAsync(_stop.Token);
            _time.Advance(Options.StallLimit - TimeSpan.FromTicks(1));
            Assert.False(look.IsCompleted);
            _time.Advance(TimeSpan.FromTicks(1));
            await look.WaitAsync(Wait.Limit);
            Assert.Equal("memory has not answered for more than 30 s", _lister.Report.Problem);
        }

        Assert.Equal(1, _store.Lists);
        answer.SetResult(Listing(20));
        await LookAsync();
        Assert.Equal((1, null), (_store.Lists, _lister.Report.Problem));
        Assert.Equal([Snapshot(20)], _lister.Report.Complete.Select(stored => stored.Snapshot));
    }

    [Fact]
    public async Task Look_StoreFailsUnexpectedly_TheNextLookAsksAgain()
    {
        Halt(epoch: 2);
        _store.List = () => Task.FromException<StoreListing>(new InvalidOperationException("a mistake"));
        await Assert.ThrowsAsync<InvalidOperationException>(LookAsync);
        _store.List = () => Task.FromResult(Listing(20));
        await LookAsync();
        Assert.Equal(2, _store.Lists);
        Assert.Single(_lister.Report.Complete);
    }

    [Fact]
    public async Task Look_Cancelled_EndsAlthoughTheStoreHangs()
    {
        _store.List = () => new TaskCompletionSource<StoreListing>().Task;
        Halt(epoch: 2);
        var look = _lister.LookAsync(_stop.Token);
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => look.WaitAsync(Wait.Limit));
        Assert.Null(_lister.Report.Problem);
    }

    private static SnapshotId Snapshot(long iteration) => new(new Iteration(iteration), new Epoch(1));

    private static StoreListing Listing(params long[] iterations) => new([.. iterations.Select(iteration => new StoredSnapshot(Snapshot(iteration), Shards))], []);

    private static ImmutableArray<StoredShard> Shards => [.. Enumerable.Range(0, 2).Select(rank => new StoredShard(new Rank(rank), default, 100, 64))];

    private void Halt(long epoch) => Direct(epoch, DirectiveStep.Halt);

    private void Direct(long epoch, DirectiveStep step) => _state.Take(new HostDirective { Version = new DirectiveVersion(new Epoch(epoch), step) });

    private Task LookAsync() => _lister.LookAsync(_stop.Token).WaitAsync(Wait.Limit);

    private Task LookAgainAsync()
    {
        _time.Advance(Options.LookPeriod);
        return LookAsync();
    }
}
