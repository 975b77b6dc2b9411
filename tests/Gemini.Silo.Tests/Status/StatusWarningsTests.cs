using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Status;
using Gemini.Silo.Tests.Lab.Demo;

namespace Gemini.Silo.Tests.Status;

/// <summary>Every warning that an operator can get: its text, whether it degrades the job, and its place among the others.</summary>
public sealed class StatusWarningsTests
{
    /// <summary>The samples without anything to warn of.</summary>
    private static readonly JobStatus Calm = StatusSamples.Status() with { MachineRequests = [], Quarantined = [] };

    private static readonly CommitRecord Record = StatusSamples.Record();

    private static readonly TrainerReport Failing = new() { LocalIndex = 0, State = TrainerState.Training, SaveProblem = "no slot became free." };

    [Fact]
    public void Calm_NothingIsWarnedOf() => Assert.Empty(Of(Calm));

    [Fact]
    public void Reason_OfARunningJob_Degrades() => AssertOne("host-2 is without its silo", degrades: true, Calm with { Reason = "host-2 is without its silo." });

    [Fact]
    public void Reason_OfARecovery_IsNoWarning() => Assert.Empty(Of(Calm with { Phase = JobPhase.Halting, Reason = "host-1 is lost" }));

    [Fact]
    public void Persisting_IsWhatTheRootAgentSays_AndDegrades() => AssertOne(
        "the last snapshot is being stored", degrades: true, Calm with { Phase = JobPhase.Persisting, Reason = "the last snapshot is being stored" });

    /// <summary>A finished job whose trainers were started again to run further: only a trainer that has more to do counts.</summary>
    [Theory]
    [InlineData(TrainerState.Exited, 21, true, true, true)]
    [InlineData(TrainerState.Waiting, 21, true, true, true)]
    [InlineData(TrainerState.Exited, 20, true, true, false)]
    [InlineData(TrainerState.Finished, 21, true, true, false)]
    [InlineData(TrainerState.Exited, 21, false, true, false)]
    [InlineData(TrainerState.Exited, 21, true, false, false)]
    public void Completed_ATrainerWantsMore_Degrades(TrainerState state, long total, bool isAlive, bool hasPosition, bool expected)
    {
        var host = Statuses.Host("host-0", hasPosition ? 0 : null, isAlive);
        host = host with { Report = host.Report with { Trainers = [new TrainerReport { LocalIndex = 0, State = state, TotalIterations = total }] } };
        var status = Calm with { Phase = JobPhase.Completed, Reason = "start the job again with more iterations", Hosts = [host] };

        Assert.Equal(expected, StatusWarnings.IsAskedForMore(status));
        Assert.Equal(expected, Of(status).Contains(new StatusWarning("start the job again with more iterations", Degrades: true)));
    }

    [Theory]
    [InlineData(0, "commits are 811 iterations behind training, and at most 810 are expected")]
    [InlineData(999, "commits are 811 iterations behind training, and at most 810 are expected")]
    [InlineData(1000, "commits are 811 iterations behind training, and at most 810 are expected; nothing was committed for 1 s")]
    public void Commits_AreBehind_Degrades(long silence, string text) =>
        AssertOne(text, degrades: true, Calm with { Trained = new Iteration(20 + 811), CommitSilenceMilliseconds = silence });

    /// <summary>Before the first commit the verdict says that nothing is committed, and after it an empty number means that nothing is known.</summary>
    [Fact]
    public void Commits_NothingIsCommittedYet_AreNotCalledLate() =>
        Assert.Empty(Of(Calm with { Committed = Iteration.Zero, Trained = new Iteration(100_000) }));

    [Fact]
    public void Commits_NotRunning_AreNotCalledLate() =>
        Assert.Empty(Of(Calm with { Phase = JobPhase.Resuming, Trained = new Iteration(100_000), RanksApart = 100_000 }));

    /// <summary>One line for each reason, with every rank and host that has it.</summary>
    [Fact]
    public void Saves_Fail_AreNamedByReasonWithRanksAndHosts()
    {
        var other = Failing with { SaveProblem = "its state could not be read" };
        var warnings = Of(WithTrainers(Calm, ("host-0", Failing), ("host-4", other), ("host-3", Failing)));
        Assert.Equal(
            [
                new StatusWarning("saves fail or are skipped: no slot became free (ranks 0 on host-0, 3 on host-3)", Degrades: true),
                new StatusWarning("saves fail or are skipped: its state could not be read (rank 1 on host-4)", Degrades: true),
            ],
            warnings);
    }

    /// <summary>What a lost host or a standby said last is no news of a rank.</summary>
    [Fact]
    public void Saves_OfALostHostOrAStandby_AreNotNamed()
    {
        var lost = Statuses.Host("host-7", 5, alive: false);
        var standby = Statuses.Host("host-8", null);
        var status = Calm with { Hosts = [.. Calm.Hosts, lost, standby] };
        Assert.Equal(
            [new StatusWarning("host-7 is lost and not replaced yet")],
            Of(WithTrainers(status, ("host-7", Failing), ("host-8", Failing))));
    }

    [Theory]
    [InlineData(2999, false)]
    [InlineData(3000, true)]
    public void Copies_CannotBeSent_AreNamedByHolderAndReason_AndDegradeOnceCommitsWait(long silence, bool degrades)
    {
        var status = WithReport(Calm, "host-0", report => report with { ReplicationProblems = [Late(0, "host-4", "Connection refused."), Late(0, "host-2", "Busy")] });
        status = WithReport(status, "host-3", report => report with { ReplicationProblems = [Late(3, "host-4", "Connection refused")] });
        Assert.Equal(
            [
                new StatusWarning("copies cannot be sent to host-4: Connection refused (rank 0 from host-0, rank 3 from host-3)", degrades),
                new StatusWarning("copies cannot be sent to host-2: Busy (rank 0 from host-0)", degrades),
            ],
            Of(status with { CommitSilenceMilliseconds = silence }));
    }

    /// <summary>Reports of two ranks may be a second old: a job of short iterations may seem to be many iterations apart.</summary>
    [Theory]
    [InlineData(3, 2000, false)]
    [InlineData(4, 2000, true)]
    [InlineData(4, 0, true)]
    [InlineData(10, 100, false)]
    [InlineData(11, 100, true)]
    public void Ranks_AreApart_DegradesBeyondASecondOfIterations(int apart, double median, bool expected)
    {
        var warnings = Of(Calm with { RanksApart = apart, IterationMillisecondsMedian = median });
        var text = $"ranks are {apart} iterations apart: ranks must run in step, with a collective in every iteration, or no snapshot is whole";
        ImmutableArray<StatusWarning> wanted = expected ? [new StatusWarning(text, Degrades: true)] : [];
        Assert.Equal(wanted, warnings);
    }

    [Theory]
    [InlineData(new[] { 2 }, "of snapshot 20@2, the shards of ranks 2, 3 have 1 of 2 copies")]
    [InlineData(new[] { 0, 1, 2 }, "of snapshot 20@2, the shards of ranks 0, 1 have 0 of 2 copies")]
    public void Copies_AreMissing_NamesTheRanksWithTheFewest(int[] dead, string text) => AssertOne(text, degrades: true, Calm, StatusSamples.Record(dead));

    [Fact]
    public void Copies_OfOneRankAreMissing_IsInTheSingular()
    {
        var record = Record with { Shards = [.. Record.Shards.Select(shard => shard.Replica.Owner.Value == 3 ? shard with { Copies = shard.Copies[..1] } : shard)] };
        AssertOne("of snapshot 20@2, the shard of rank 3 has 1 of 2 copies", degrades: true, Calm, record);
    }

    [Fact]
    public void Copies_OfManyRanksAreMissing_NamesEightAndCountsTheRest()
    {
        var shard = Record.Shards[0] with { Copies = [] };
        var shards = Enumerable.Range(0, 12).Select(rank => shard with { Replica = shard.Replica with { Owner = new Rank(rank) } });
        AssertOne(
            "of snapshot 20@2, the shards of ranks 0, 1, 2, 3, 4, 5, 6, 7 and 4 more have 0 of 2 copies", degrades: true,
            Calm, Record with { Shards = [.. shards] });
    }

    [Fact]
    public void Hosts_EachSaysWhatIsWrong_OnlyIfItLives()
    {
        HostStatus Broken(string name, int? position, bool alive)
        {
            var host = Statuses.Host(name, position, alive, problem: "no room.");
            var report = host.Report with { MemoryWarning = "2 files were deleted.", TrainerWarning = "Trainer 0 was killed 3 times." };
            return host with { Report = report, CannotTakeOver = position is null ? "it has no room." : null };
        }

        var status = Calm with { Hosts = [Broken("host-a", 0, alive: true), Broken("host-b", null, alive: true), Broken("host-c", 1, alive: false)] };
        Assert.Equal(
            [
                new StatusWarning("host-a: no room", Degrades: true),
                new StatusWarning("host-a: 2 files were deleted", Degrades: true),
                new StatusWarning("host-a: Trainer 0 was killed 3 times", Degrades: true),
                new StatusWarning("host-b: no room", Degrades: true),
                new StatusWarning("host-b: 2 files were deleted", Degrades: true),
                new StatusWarning("host-b: Trainer 0 was killed 3 times", Degrades: true),
                new StatusWarning("standby host-b could not take over a position: it has no room", Degrades: true),
                new StatusWarning("host-c is lost and not replaced yet"),
            ],
            Of(status));
    }

    [Fact]
    public void Host_LostWithoutAPosition_IsNobodysLoss() =>
        Assert.Empty(Of(Calm with { Hosts = [.. Calm.Hosts, Statuses.Host("host-7", null, alive: false)] }));

    [Fact]
    public void Leftovers_OneCopy_IsInTheSingularAndNamesBothFixes()
    {
        var status = WithReport(Calm, "host-3", report => report with { Leftovers = [new LeftoverCopies(default, 1, default, 512 << 20)] });
        AssertOne(
            "host-3 keeps 1 copy of other runs of the job, 512 MiB, that nobody uses; if you do not need them, delete "
            + "MEMORYROOT/sample/host-3/*.aside, or all of the job with gemini forget once it is stopped",
            degrades: false, status);
    }

    [Fact]
    public void HashMismatches_NameTheHostAndWhatToCheck()
    {
        var status = WithReport(Calm, "host-2", report => report with { Transfers = new TransferReport(0, 0, 0, HashMismatches: 3, 0, 0) });
        AssertOne(
            "host-2 has received 3 chunks or copies with another hash than announced, and used none; "
            + "check the network and the memory between it and its peers",
            degrades: false, status);
    }

    [Theory]
    [InlineData(MachineRequestState.Asked, 2, "host-1 is requested, attempt 2: no capacity")]
    [InlineData(MachineRequestState.Joining, 3, "host-1 was started at attempt 3 and has not joined yet")]
    [InlineData(MachineRequestState.Pausing, 0, "host-1 is missing; a machine is requested if the host is not back within 30 s")]
    public void MachineRequests_SayHowFarTheyAre(MachineRequestState state, int attempt, string text)
    {
        var request = new MachineRequest { Host = new HostName("host-1"), Reason = "its silo is dead", State = state, Attempt = attempt, Output = "no capacity", Until = 30_000 };
        AssertOne(text, degrades: false, Calm with { MachineRequests = [request] });
    }

    [Fact]
    public void Quarantine_NamesHostRankSnapshotAndReason() => AssertOne(
        "host-2: the copy of rank 3 of snapshot 20@2 is bad and is not used again: chunk 1 does not match its hash", degrades: false,
        Calm with { Quarantined = StatusSamples.Status().Quarantined });

    [Fact]
    public void SilentGroups_SayThatTheCopiesAreOld() => AssertOne(
        "group 0, 2 did not say which copies it holds: the copies shown are from the last reports of its hosts", degrades: false,
        Calm, Record with { SilentGroups = [0, 2] });

    [Fact]
    public void Storage_Slow_AndPlacement_AreSaidInThisOrder() => Assert.Equal(
        [
            new StatusWarning("storage, trying again: No space left on device"),
            new StatusWarning("slow, so all other ranks wait: host-2, 2.3x the median"),
            new StatusWarning("rack r0 has both copies of rank 1"),
        ],
        Of(Calm with
        {
            StorageProblem = "No space left on device.",
            Slow = "host-2, 2.3x the median",
            Placement = new PlacementStatus { Warnings = ["rack r0 has both copies of rank 1"] },
        }));

    /// <summary>The verdict takes the first two that degrade. So missing copies come before late commits, and these before the hosts.</summary>
    [Fact]
    public void All_AreInTheOrderOfTheirUrgency()
    {
        var status = Calm with
        {
            Trained = new Iteration(100_000),
            Reason = "host-3 is slow to answer",
            RanksApart = 100_000,
            StorageProblem = "disk full",
            Hosts = [.. Calm.Hosts, Statuses.Host("host-8", null, problem: "no trainer")],
        };
        status = WithTrainers(status, ("host-0", Failing));
        status = WithReport(status, "host-2", report => report with { ReplicationProblems = [Late(2, "host-3", "Busy")] });

        string[] beginnings =
        [
            "of snapshot 20@2, ", "commits are ", "host-3 is slow", "saves fail", "copies cannot be sent", "ranks are ", "host-8: no trainer", "storage, ",
        ];
        var texts = Of(status, StatusSamples.Record(1)).Select(warning => warning.Text).ToList();
        Assert.Equal(beginnings.Length, texts.Count);
        Assert.All(beginnings.Zip(texts), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    private static ReplicationProblem Late(int owner, string holder, string reason) => new(new Rank(owner), new HostName(holder), reason, SinceUnixMilliseconds: 1);

    private static ImmutableArray<StatusWarning> Of(JobStatus status, CommitRecord? record = null) => [.. StatusWarnings.Of(status, record ?? Record)];

    private static void AssertOne(string text, bool degrades, JobStatus status, CommitRecord? record = null) =>
        Assert.Equal(new StatusWarning(text, degrades), Assert.Single(Of(status, record)));

    private static JobStatus WithReport(JobStatus status, string host, Func<HostReport, HostReport> change) => status with
    {
        Hosts = [.. status.Hosts.Select(entry => entry.Report.Host.Value == host ? entry with { Report = change(entry.Report) } : entry)],
    };

    private static JobStatus WithTrainers(JobStatus status, params (string Host, TrainerReport Trainer)[] trainers) =>
        trainers.Aggregate(status, (changed, entry) => WithReport(changed, entry.Host, report => report with { Trainers = [entry.Trainer] }));
}
