using System.Collections.Immutable;
using Gemini.Grains.Commit;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Testing;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Tests.Commit;

/// <summary>A checkpoint group between its hosts and a root agent that a test controls. What counts as complete: see <see cref="CommitLedgerTests"/>.</summary>
public sealed class GroupDriverTests
{
    private static readonly HostPosition First = new(2);
    private static readonly HostPosition Second = new(3);
    private static readonly Epoch One = new(1);
    private static readonly SnapshotId Five = Jobs.Snapshot(5);

    private readonly Root _root = new();
    private readonly LogLines _log = new();
    private readonly GroupDriver _group;

    public GroupDriverTests() => _group = new GroupDriver(1, _root, _log);

    [Fact]
    public async Task Announce_EveryHolder_TheRootAgentIsToldAtEveryAnnouncement()
    {
        await AnnounceAsync(First);
        Assert.Empty(_root.Told);

        await AnnounceAsync(Second);
        await AnnounceAsync(First);

        Assert.Equal(["complete 1 1 5@1: 2 3", "complete 1 1 5@1: 2 3"], _root.Told);
        Assert.Empty(_log.All);
    }

    [Fact]
    public async Task Announce_SkippedIterations_AreToldEach()
    {
        await _group.AnnounceAsync(First, One, [], [new Iteration(6), new Iteration(7)]);

        Assert.Equal(["skipped 1 1 6", "skipped 1 1 7"], _root.Told);
    }

    /// <summary>The record decides how many copies make a commit, and no host's configuration does.</summary>
    [Fact]
    public async Task Announce_RecordAsksForOneCopy_IsCompleteWithTheOwners()
    {
        _root.Spec = Task.FromResult<JobSpec?>(Jobs.Spec(hosts: 2, replicas: 1));

        await _group.AnnounceAsync(new HostPosition(1), One, Jobs.Replicas(Five, 1), []);

        Assert.Equal(["complete 1 1 5@1: 1"], _root.Told);
    }

    /// <summary>Nothing can be announced before the first start. A record that was lost is written again, and then the hosts' next announcements count.</summary>
    [Fact]
    public async Task Announce_NothingIsRecorded_IsNotKept()
    {
        _root.Spec = Task.FromResult<JobSpec?>(null);
        await _group.AnnounceAsync(First, One, Jobs.Replicas(Five, 2, 3), [new Iteration(4)]);
        await AnnounceAsync(Second);
        var before = await _group.GetLedgerAsync();

        _root.Spec = Root.Recorded;
        await AnnounceAsync(First);

        Assert.Empty(_root.Told);
        Assert.Equal((1, Epoch.Zero, 0), (before.Group, before.Epoch, before.Entries.Length));
        var ledger = await _group.GetLedgerAsync();
        Assert.Equal((1, One), (ledger.Group, ledger.Epoch));
        Assert.Equal([2, 3], ledger.Entries.Select(entry => entry.Replica.Owner.Value));
        Assert.All(ledger.Entries, entry => Assert.Equal([First], entry.Holders));
    }

    /// <summary>Calls of the group overlap, in the turns of one grain. All count in one ledger, and the root agent is asked no more once there is one.</summary>
    [Fact]
    public void Announce_WhileTheSpecificationIsAskedFor_CountsInOneLedger()
    {
        var grain = new Turns();
        var asked = new TaskCompletionSource<JobSpec?>();
        _root.Spec = asked.Task;
        grain.Run(() => AnnounceAsync(First));
        grain.Run(() => AnnounceAsync(Second));
        Assert.Empty(_root.Told);

        grain.Run(() => Task.FromResult(asked.TrySetResult(Jobs.Spec(hosts: 4, replicas: 2))));
        _root.Spec = Task.FromException<JobSpec?>(new TimeoutException());
        grain.Run(() => AnnounceAsync(First));

        Assert.Equal(["complete 1 1 5@1: 2 3", "complete 1 1 5@1: 2 3"], _root.Told);
    }

    /// <summary>The host learns that its announcement failed, and repeats it.</summary>
    [Fact]
    public async Task Announce_RootAgentDoesNotAnswer_FailsAndTheNextOneIsTold()
    {
        _root.Spec = Task.FromException<JobSpec?>(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => AnnounceAsync(First));
        _root.Spec = Root.Recorded;
        await AnnounceAsync(First);
        _root.IsAway = true;
        await Assert.ThrowsAsync<TimeoutException>(() => AnnounceAsync(Second));
        _root.IsAway = false;

        await AnnounceAsync(Second);

        Assert.Equal(["complete 1 1 5@1: 2 3"], _root.Told);
    }

    [Fact]
    public async Task Announce_CopyDiffersFromItsOwners_IsLoggedAndNotCounted()
    {
        await AnnounceAsync(First);
        await _group.AnnounceAsync(Second, One, [Jobs.Replica(2, Five, salt: 1), Jobs.Replica(3, Five)], []);

        Assert.Empty(_root.Told);
        var line = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.StartsWith("Two copies of one shard have different hashes.", line.Text, StringComparison.Ordinal);
    }

    /// <summary>The holder has a copy of both shards of the group.</summary>
    private Task AnnounceAsync(HostPosition holder) => _group.AnnounceAsync(holder, One, Jobs.Replicas(Five, 2, 3), []);

    private sealed class Turns : Bench;

    /// <summary>A root agent that notes what it is told. Four hosts, two copies: group 1 has the positions 2 and 3.</summary>
    private sealed class Root : IGroupService
    {
        public static Task<JobSpec?> Recorded { get; } = Task.FromResult<JobSpec?>(Jobs.Spec(hosts: 4, replicas: 2));

        public Task<JobSpec?> Spec { get; set; } = Recorded;

        public bool IsAway { get; set; }

        public List<string> Told { get; } = [];

        public Task<JobSpec?> GetSpecAsync() => Spec;

        public Task GroupCompleteAsync(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards) =>
            TellAsync($"complete {group} {epoch} {snapshot}: {string.Join(' ', shards.Select(shard => shard.Owner))}");

        public Task GroupSkippedAsync(int group, Epoch epoch, Iteration iteration) => TellAsync($"skipped {group} {epoch} {iteration}");

        private Task TellAsync(string what)
        {
            if (IsAway) return Task.FromException(new TimeoutException());
            Told.Add(what);
            return Task.CompletedTask;
        }
    }
}
