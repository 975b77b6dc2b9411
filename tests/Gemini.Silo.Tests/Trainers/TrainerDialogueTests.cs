using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>The messages of a connected trainer, and the messages to it.</summary>
public sealed class TrainerDialogueTests : IAsyncLifetime
{
    private static readonly Rank Rank = new(1);

    private readonly SupervisorFixture _test = new();

    private int ProcessId { get; set; }

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(_test.Paths.TrainerSocket, "left behind by an earlier silo");
        _test.Start(SupervisorFixture.Sleeps);
        ProcessId = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public void Socket_IsItsOwnersAlone() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_test.Paths.TrainerSocket));

    [Fact]
    public async Task Hello_FillsTheReport()
    {
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId);
        var report = await _test.UntilAsync(TrainerState.Waiting);
        Assert.Equal(("x:9", "a test", 5, 100), (report.RingEndpoint, report.Description, report.ParameterCount, report.TotalIterations));
        Assert.Equal(ProcessId, _test.Supervisor.ProcessIdOf(Rank));
        Assert.Equal(0, _test.Supervisor.ProcessIdOf(new Rank(0)));
    }

    [Fact]
    public async Task Life_FromDeclaringToTraining()
    {
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId);
        await _test.UntilAsync(TrainerState.Waiting);
        var supervisor = _test.Supervisor;
        supervisor.MarkDeclared(Rank, 8192);
        supervisor.MarkLoading(Rank, new Epoch(1));
        Assert.Equal((TrainerState.Loading, 8192), (_test.Report.State, _test.Report.ShardBytes));
        supervisor.MarkLoaded(Rank, new Epoch(1), new Iteration(4));
        trainer.Send(new TrainerStep(1, 5, 2.5, 30));
        var report = await _test.UntilAsync(report => report.Iteration.Value == 5, "iteration 5");
        Assert.Equal((TrainerState.Training, new Epoch(1), 2.5, 30), (report.State, report.Epoch, report.Loss, report.IterationMilliseconds));
        supervisor.MarkCaptured(Rank, new Iteration(5));
        supervisor.MarkSkipped(Rank);
        supervisor.MarkCaptured(new Rank(0), new Iteration(9));
        Assert.Equal((new Iteration(5), 1), (_test.Report.Captured, _test.Report.SkippedSaves));
    }

    /// <summary>This silo process may be newer than the commit.</summary>
    [Fact]
    public async Task Hello_OfATrainerThatKnowsOfACommit_TheReportSaysSo()
    {
        using var trainer = await FakeTrainer.ConnectSilentlyAsync(_test);
        trainer.Send(FakeTrainer.Hello(ProcessId, epoch: 2, iteration: 7) with { Committed = 6 });
        Assert.Equal(new Iteration(6), (await _test.UntilAsync(TrainerState.Training)).Committed);
    }

    [Fact]
    public async Task Saves_FailThenTheEpochEnds_TheReportHasTheReasonUntilThen()
    {
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId, epoch: 2);
        trainer.Send(new TrainerSaves(2, "no slot became free"));
        await _test.UntilAsync(report => report.SaveProblem == "no slot became free", "the reason");
        trainer.Send(new TrainerStopped(3));
        await _test.UntilAsync(report => report is { State: TrainerState.Waiting, SaveProblem: "" }, "the end of the epoch");
    }

    [Fact]
    public async Task Capturing_IsPassedOnWithTheRank()
    {
        var seen = new TaskCompletionSource<(Rank, SnapshotId)>();
        _test.Supervisor.Capturing += (rank, snapshot) => seen.TrySetResult((rank, snapshot));
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId, epoch: 2);
        trainer.Send(new TrainerCapturing(2, 8));
        Assert.Equal((Rank, new SnapshotId(new Iteration(8), new Epoch(2))), await seen.Task.WaitAsync(SupervisorFixture.Limit));
    }

    [Fact]
    public async Task Busy_IsReportedUntilItIsOver()
    {
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId, epoch: 2);
        trainer.Send(new TrainerBusy(2, 1, "evaluation", 90_000));
        var report = await _test.UntilAsync(report => report.PauseNumber == 1, "the pause");
        Assert.Equal(("evaluation", 90_000), (report.PauseReason, report.PauseLimitMilliseconds));
        trainer.Send(new TrainerBusy(2, 2, "", 0));
        report = await _test.UntilAsync(report => report.PauseNumber == 2, "its end");
        Assert.Equal(("", 0), (report.PauseReason, report.PauseLimitMilliseconds));
    }

    [Fact]
    public async Task Busy_TheEpochEnds_IsOver()
    {
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId, epoch: 2);
        trainer.Send(new TrainerBusy(2, 1, "evaluation", 90_000));
        await _test.UntilAsync(report => report.PauseReason == "evaluation", "the pause");
        trainer.Send(new TrainerStopped(3));
        await _test.UntilAsync(report => report.State == TrainerState.Waiting && report.PauseLimitMilliseconds == 0, "its end");
    }

    [Fact]
    public async Task LostPeer_InterruptsTheTrainer()
    {
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId, epoch: 2);
        trainer.Send(new TrainerLostPeer(2, 0));
        var report = await _test.UntilAsync(TrainerState.Interrupted);
        Assert.Equal(new Rank(0), report.LostPeer);
        Assert.True(report.FailedAtUnixMilliseconds > 0);
    }

    [Fact]
    public async Task Stop_IsAnsweredAndOlderMessagesChangeNothing()
    {
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId, epoch: 2, iteration: 8);
        await _test.UntilAsync(TrainerState.Training);
        var stop = _test.Supervisor.StopEpochAsync(new Epoch(3));
        Assert.Equal(new SiloStop(3), await trainer.ReceiveAsync());
        Assert.False(stop.IsCompleted);
        trainer.Send(new TrainerStep(2, 9, 1, 1));
        trainer.Send(new TrainerStopped(3));
        await stop.WaitAsync(SupervisorFixture.Limit);
        Assert.Equal((TrainerState.Waiting, new Iteration(8), ProcessId), (_test.Report.State, _test.Report.Iteration, _test.Report.ProcessId));
        await _test.Supervisor.StopEpochAsync(new Epoch(3)).WaitAsync(SupervisorFixture.Limit);
    }

    [Fact]
    public async Task Hello_NamesTheNewestEpochItWasToldOf_TheReportSaysIt()
    {
        using var trainer = await FakeTrainer.ConnectSilentlyAsync(_test);
        trainer.Send(FakeTrainer.Hello(ProcessId, epoch: 2) with { EpochFloor = 7 });
        await _test.UntilAsync(report => report.EpochFloor == new Epoch(7), "the epoch floor of the hello");
        trainer.Send(new TrainerStopped(6));
        trainer.Send(new TrainerStopped(9));
        await _test.UntilAsync(report => report.EpochFloor == new Epoch(9), "the epoch floor of the stop");
    }

    /// <summary>A silo with a wrong configuration started the trainer and was killed. The configuration is right now.</summary>
    [Fact]
    public async Task Hello_OfATrainerWithOtherArguments_IsDismissedAndDoesNotTrain()
    {
        using var trainer = await FakeTrainer.ConnectSilentlyAsync(_test);
        trainer.Send(FakeTrainer.Hello(ProcessId, epoch: 2) with { Program = "0123456789abcdef" });
        Assert.IsType<SiloExit>(await trainer.ReceiveAsync());
        Assert.Equal(TrainerState.Waiting, (await _test.UntilAsync(report => report.Epoch.Value == 2, "the hello")).State);
    }

    [Fact]
    public async Task Hello_OfAnEpochThatIsOver_IsToldToStop()
    {
        await _test.Supervisor.StopEpochAsync(new Epoch(5)).WaitAsync(SupervisorFixture.Limit);
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId, epoch: 4);
        Assert.Equal(new SiloStop(5), await trainer.ReceiveAsync());
        Assert.Equal(TrainerState.Waiting, (await _test.UntilAsync(report => report.Epoch.Value == 4, "the hello")).State);
    }

    [Fact]
    public async Task Pushes_ReachTheTrainerAlsoWhenItConnectsLater()
    {
        _test.Supervisor.PushCommitted(new Epoch(1), new Iteration(6));
        _test.Supervisor.PushAbandoned(new Epoch(1), new Iteration(7));
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId, epoch: 1);
        Assert.Equal(new SiloCommitted(1, 6), await trainer.ReceiveAsync());
        Assert.Equal(new SiloAbandoned(1, 7), await trainer.ReceiveAsync());
        _test.Supervisor.PushCommitted(new Epoch(1), new Iteration(8));
        Assert.Equal(new SiloCommitted(1, 8), await trainer.ReceiveAsync());
    }

    [Theory]
    [InlineData("no json\n")]
    [InlineData("{\"type\":\"stop\",\"epoch\":1}\n")]
    [InlineData("{\"type\":\"whatever\"}\n")]
    public async Task BadFirstLine_ClosesTheConnectionOnly(string line)
    {
        using var stranger = await FakeTrainer.ConnectSilentlyAsync(_test);
        stranger.SendRaw(line);
        await stranger.ClosedAsync();
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId);
        await _test.UntilAsync(TrainerState.Waiting);
    }

    [Fact]
    public async Task EndlessLine_ClosesTheConnectionOnly()
    {
        using var stranger = await FakeTrainer.ConnectSilentlyAsync(_test);
        stranger.SendRaw(new string('x', TrainerProtocol.MaxLineBytes));
        await stranger.ClosedAsync();
        Assert.Equal(TrainerState.Starting, _test.Report.State);
    }

    [Fact]
    public async Task WrongVersionOrIndex_IsRefused()
    {
        foreach (var hello in (TrainerHello[])[FakeTrainer.Hello(1, version: 2), FakeTrainer.Hello(1, localIndex: 1), FakeTrainer.Hello(1, localIndex: -1)])
        {
            using var stranger = await FakeTrainer.ConnectSilentlyAsync(_test);
            stranger.Send(hello);
            await stranger.ClosedAsync();
        }
    }

    [Fact]
    public async Task BadLineLater_TheTrainerMayReconnect()
    {
        using (var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId, epoch: 1))
        {
            await _test.UntilAsync(TrainerState.Training);
            trainer.SendRaw("no json\n");
            await trainer.ClosedAsync();
        }

        using var again = await FakeTrainer.ConnectAsync(_test, ProcessId, epoch: 1, iteration: 3);
        await _test.UntilAsync(report => report.Iteration.Value == 3, "the second hello");
        Assert.Equal((TrainerState.Training, ProcessId), (_test.Report.State, _test.Report.ProcessId));
    }

    [Fact]
    public async Task SecondProcess_IsRefused()
    {
        using var trainer = await FakeTrainer.ConnectAsync(_test, ProcessId);
        await _test.UntilAsync(TrainerState.Waiting);
        using var second = await FakeTrainer.ConnectAsync(_test, ProcessId + 1);
        await second.ClosedAsync();
        Assert.Equal(ProcessId, _test.Report.ProcessId);
    }
}
