using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>What the worker agent requires of the host's trainers, in each implementation. The host has one trainer.</summary>
/// <remarks>
/// <see cref="ITrainers.EnsureSocket"/> is not part of it: the simulation has no files, so nobody can delete a socket there. <see
/// cref="SupervisorTrainersContractTests"/> deletes the silo's.
/// </remarks>
public abstract partial class TrainersContract
{
    protected static readonly HostPosition Position = new(0);
    protected static readonly Rank Rank = new(0);

    private static readonly HostPosition OtherPosition = new(1);
    private static readonly Rank OtherRank = new(1);
    private static readonly Epoch First = new(1);
    private static readonly Epoch Second = new(2);
    private static readonly Iteration Four = new(4);

    /// <summary>A limit that passes soon. All others never pass during a test of real time.</summary>
    protected enum ShortLimit
    {
        None,

        /// <summary>For a trainer's answer to a stop.</summary>
        Stop,

        /// <summary>For the return of a training loop after a stop.</summary>
        Return,
    }

    /// <summary>Those of the host's present silo.</summary>
    protected abstract ITrainers Trainers { get; }

    /// <summary>Size of the shard that the trainer declares.</summary>
    protected abstract long PayloadBytes { get; }

    private TrainerReport Report => Assert.Single(Trainers.Reports);

    [Fact]
    public async Task Start_TheTrainerWaits_AndIsNoProblem()
    {
        await StartAsync();
        var processId = await ConnectAsync();

        Assert.Equal((0, TrainerState.Waiting, processId, Epoch.Zero), (Report.LocalIndex, Report.State, Report.ProcessId, Report.Epoch));
        Assert.True(Lives(processId));
        Assert.Null(Trainers.Problem);
        Assert.Null(Trainers.Warning);
    }

    [Fact]
    public async Task SetPosition_DecidesWhichRankTheTrainerHas()
    {
        await StartAsync();
        var processId = await ConnectAsync();
        Assert.Equal((processId, 0), (Trainers.ProcessIdOf(Rank), Trainers.ProcessIdOf(OtherRank)));

        Trainers.SetPosition(OtherPosition);
        Assert.Equal((0, processId), (Trainers.ProcessIdOf(Rank), Trainers.ProcessIdOf(OtherRank)));

        Trainers.SetPosition(null);
        Assert.Equal((0, 0), (Trainers.ProcessIdOf(Rank), Trainers.ProcessIdOf(OtherRank)));
        Assert.True(Lives(processId));
    }

    [Fact]
    public async Task SetPosition_TrainerJoinedWithAnotherRank_IsReplaced()
    {
        var first = await StartAndJoinAsync();

        Trainers.SetPosition(OtherPosition);

        var second = await ReplacedAsync(first);
        Assert.False(Lives(first));
        Assert.Equal((0, second), (Trainers.ProcessIdOf(Rank), Trainers.ProcessIdOf(OtherRank)));
        Assert.Null(Trainers.Problem);
    }

    [Fact]
    public async Task SetPosition_HostHasNoneAnyMore_TrainerThatJoinedIsReplaced()
    {
        var first = await StartAndJoinAsync();

        Trainers.SetPosition(null);

        await ReplacedAsync(first);
        Assert.False(Lives(first));
    }

    [Fact]
    public async Task SetPosition_SameAgain_TheTrainerStays()
    {
        var processId = await StartAndJoinAsync();

        Trainers.SetPosition(Position);

        await EnterAsync(First);
        Assert.Equal((processId, processId), (Report.ProcessId, Trainers.ProcessIdOf(Rank)));
    }

    [Fact]
    public async Task TrainerDeclaresItsShard_TheSizeIsReported()
    {
        await StartAsync();
        await ConnectAsync();
        Assert.Equal(0, Report.ShardBytes);

        await JoinAsync();

        await UntilAsync(() => Report.ShardBytes == PayloadBytes, "the size of the shard");
    }

    [Fact]
    public async Task TrainerLoads_ItsEpochAndIterationsAreReported()
    {
        await StartAndJoinAsync();

        await EnterAsync(First, Four);

        Assert.Equal((TrainerState.Training, First, Four), (Report.State, Report.Epoch, Report.Iteration));
        Assert.Equal((Four, Four), (Report.Captured, Report.Committed));
    }

    [Fact]
    public async Task TrainerCaptures_IsToldAtTheBeginning_AndReportedAtTheEnd()
    {
        List<(Rank, SnapshotId)> begun = [];
        await StartAndEnterAsync();
        Trainers.Capturing += (rank, snapshot) =>
        {
            lock (begun) begun.Add((rank, snapshot));
        };

        var snapshot = await CaptureAsync();

        Assert.Equal(First, snapshot.Epoch);
        Assert.Equal(snapshot.Iteration, Report.Captured);
        await UntilAsync(() => Has((Rank, snapshot)), "the beginning of the capture");

        bool Has((Rank, SnapshotId) capture)
        {
            lock (begun) return begun.Contains(capture);
        }
    }

    [Fact]
    public async Task TrainerSkipsASave_IsCounted()
    {
        await StartAndEnterAsync();
        Assert.Equal(0, Report.SkippedSaves);

        Skip();

        await UntilAsync(() => Report.SkippedSaves == 1, "a skipped save");
    }

    [Fact]
    public async Task WhatATrainerOfAnotherHostDoes_ChangesNothing()
    {
        await StartAndJoinAsync();
        var before = Report;

        MarkAWholeLife(OtherRank, First);
        Trainers.MarkSkipped(OtherRank);

        Assert.Equal(before, Report);
    }

    [Fact]
    public async Task Changed_IsRaisedAfterEachChangeOfState()
    {
        TrainerState[] expected = [TrainerState.Loading, TrainerState.Training, TrainerState.Exited, TrainerState.Starting];
        List<TrainerState> seen = [];
        var first = await StartAndJoinAsync();
        Trainers.Changed += () =>
        {
            lock (seen) seen.Add(Report.State);
        };

        await EnterAsync(First);
        HoldStarts();
        Kill();
        await UntilAsync(() => States().Contains(TrainerState.Exited), "the news of the exit");
        LetStart();
        await ReplacedAsync(first);

        await UntilAsync(() => States().Contains(TrainerState.Starting), "the news of the start");
        Assert.Equal(expected, States().Intersect(expected));

        TrainerState[] States()
        {
            lock (seen) return [.. seen];
        }
    }

    [Fact]
    public async Task TrainerDies_IsReportedWithTheTime_AndReplaced()
    {
        await StartAndEnterAsync();
        var first = Report.ProcessId;
        Assert.Equal(0, Report.FailedAtUnixMilliseconds);

        Kill();

        await ReplacedAsync(first);
        Assert.True(Report.FailedAtUnixMilliseconds > 0);
        Assert.Equal(Epoch.Zero, Report.Epoch);
    }

    [Fact]
    public async Task TrainerHasEnded_ItsProcessIsNotNamedAnyMore_AndAMarkThatComesLateChangesNothing()
    {
        await StartAndEnterAsync();
        var processId = Report.ProcessId;
        Trainers.Rest(First);
        await UntilAsync(() => Report.State == TrainerState.Exited && !Lives(processId), "the exit");
        Assert.Equal(0, Trainers.ProcessIdOf(Rank));
        var before = Report;

        MarkAWholeLife(Rank, Second);

        Assert.Equal(before, Report);
        Assert.Equal(0, Trainers.ProcessIdOf(Rank));
    }

    [Fact]
    public async Task TrainerCannotStart_IsAProblem_UntilOneWorks()
    {
        await StartAsync();
        await ConnectAsync();

        BreakTrainers();
        Kill();

        await UntilAsync(() => Trainers.Problem is not null, "a problem");
        MendTrainers();
        await ConnectAsync();
        await UntilAsync(() => Trainers.Problem is null, "the end of the problem");
    }

    [Fact]
    public async Task TrainerIsKilledAgainAndAgain_IsAWarningAndNoProblem_UntilOneWorks()
    {
        await StartAsync();
        var last = await ConnectAsync();
        Kill();
        for (var kills = 0; kills < 3; kills++)
        {
            last = await ReplacedAsync(last);
            Kill();
        }

        await UntilAsync(() => Trainers.Warning is not null, "a warning");
        Assert.Null(Trainers.Problem);
        await ReplacedAsync(last);
        await ConnectAsync();
        await UntilAsync(() => Trainers.Warning is null, "the end of the warning");
    }

    /// <summary>The host has its position. Its silo starts, and has started the trainer.</summary>
    protected abstract Task StartAsync(ShortLimit limit = ShortLimit.None);

    /// <summary>The silo ends and the next one of the host starts. The trainer continues, and has not connected yet. It is told no position.</summary>
    protected abstract Task RestartAsync();

    /// <summary>The trainer that lives now connects. Returns its process id.</summary>
    protected abstract Task<int> ConnectAsync();

    /// <summary>The trainer that lives now connects, is told to exit, and does so.</summary>
    protected abstract Task ConnectAndExitAsync();

    /// <summary>The connected trainer is told its rank, and declares its shard.</summary>
    protected abstract Task JoinAsync();

    /// <summary>The trainer that has joined asks for the epoch's restore point, gets it and loads it.</summary>
    protected abstract Task EnterAsync(Epoch epoch, Iteration iteration = default);

    /// <summary>The trainer that is in an epoch trains one iteration more, and captures it.</summary>
    protected abstract Task<SnapshotId> CaptureAsync();

    /// <summary>A capture begins. It ends with <see cref="EndCapture"/>, and not because of a stop.</summary>
    protected abstract Task BeginCaptureAsync();

    protected abstract void EndCapture();

    /// <summary>The next save of the trainer produces no snapshot.</summary>
    protected abstract void Skip();

    /// <summary>The training loop does nothing any more, and the process lives and answers its silo.</summary>
    protected abstract void Hang();

    /// <summary>Somebody outside of this program kills the trainer.</summary>
    protected abstract void Kill();

    /// <summary>From now on a trainer that is started ends by its own fault, before it connects.</summary>
    protected abstract void BreakTrainers();

    protected abstract void MendTrainers();

    /// <summary>From now on the start of a trainer lasts until <see cref="LetStart"/>, so the news of its predecessor's end comes first.</summary>
    protected abstract void HoldStarts();

    protected abstract void LetStart();

    protected abstract bool Lives(int processId);

    protected abstract bool HasHeardOfStop(Epoch epoch);

    protected abstract bool HasHeardOfCommitted(SnapshotId snapshot);

    /// <summary>The slots of the trainer are full, and this is the newest snapshot in them.</summary>
    protected abstract bool HasHeardOfAbandoned(SnapshotId snapshot);

    protected abstract bool HasHeardOfPersisted(SnapshotId snapshot);

    /// <summary>Lets time pass until the condition holds.</summary>
    protected abstract Task UntilAsync(Func<bool> condition, string what);

    /// <summary>
    /// So much virtual time passes that a trainer would be started. No real time passes: a test of processes finds a start that is wrong only if it
    /// is fast.
    /// </summary>
    protected abstract void LetTimePass();

    /// <summary>All that a trainer tells its host from its start to its first capture.</summary>
    private void MarkAWholeLife(Rank rank, Epoch epoch)
    {
        Trainers.MarkJoined(rank);
        Trainers.MarkDeclared(rank, PayloadBytes + 1);
        Trainers.MarkAsking(rank);
        Trainers.MarkLoading(rank, epoch);
        Trainers.MarkLoaded(rank, epoch, Four);
        Trainers.MarkCaptured(rank, Four);
    }

    private async Task<int> StartAndJoinAsync(ShortLimit limit = ShortLimit.None)
    {
        await StartAsync(limit);
        var processId = await ConnectAsync();
        await JoinAsync();
        return processId;
    }

    private async Task StartAndEnterAsync(ShortLimit limit = ShortLimit.None)
    {
        await StartAndJoinAsync(limit);
        await EnterAsync(First);
    }

    /// <summary>No snapshot is committed, so the trainer cannot capture another one.</summary>
    private async Task<SnapshotId> StartAndFillSlotsAsync()
    {
        await StartAndEnterAsync();
        await CaptureAsync();
        return await CaptureAsync();
    }

    private async Task RestartAndAwaitAsync()
    {
        await RestartAsync();
        Trainers.SetPosition(Position);
        await UntilAsync(() => Report.State == TrainerState.Awaited, "the silo to see the trainer of the earlier one");
    }

    private Task StopAsync(Epoch epoch) => CompletesAsync(Trainers.StopEpochAsync(epoch));

    private async Task CompletesAsync(Task call)
    {
        await UntilAsync(() => call.IsCompleted, "the stop to complete");
        await call;
    }

    /// <summary>Another process was started in the place of this one. Returns its id.</summary>
    private async Task<int> ReplacedAsync(int processId)
    {
        await UntilAsync(() => Report is { State: TrainerState.Starting } report && report.ProcessId != processId, "another process");
        return Report.ProcessId;
    }
}
