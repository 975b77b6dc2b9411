using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Hosts.Contracts;

// The epochs: how they end, how a silo adopts one, how trainers rest, and what they are told of snapshots.
public abstract partial class TrainersContract
{
    [Fact]
    public async Task StopEpoch_TheTrainerLeavesItsEpoch_AndLivesOn()
    {
        await StartAndEnterAsync();
        var processId = Report.ProcessId;

        await StopAsync(Second);

        Assert.Equal((TrainerState.Waiting, processId, Second), (Report.State, Report.ProcessId, Report.EpochFloor));
        await EnterAsync(Second);
        Assert.Equal((Second, processId), (Report.Epoch, Report.ProcessId));
    }

    [Fact]
    public async Task StopEpoch_TheTrainerCaptures_CompletesAfterTheCapture()
    {
        await StartAndEnterAsync();
        var processId = Report.ProcessId;
        await BeginCaptureAsync();

        var stop = Trainers.StopEpochAsync(Second);
        await UntilAsync(() => HasHeardOfStop(Second), "the trainer to hear of the stop");
        Assert.False(stop.IsCompleted);
        EndCapture();

        await CompletesAsync(stop);
        Assert.Equal((TrainerState.Waiting, processId), (Report.State, Report.ProcessId));
    }

    [Fact]
    public async Task StopEpoch_TheTrainerDoesNotConfirm_IsKilled()
    {
        await StartAndEnterAsync(ShortLimit.Stop);
        var processId = Report.ProcessId;
        await BeginCaptureAsync();

        await StopAsync(Second);

        Assert.False(Lives(processId));
        await ReplacedAsync(processId);
        Assert.Null(Trainers.Problem);
    }

    [Fact]
    public async Task StopEpoch_TheTrainerConfirms_AndItsLoopNeverComesBack_IsKilled()
    {
        await StartAndEnterAsync(ShortLimit.Return);
        var processId = Report.ProcessId;
        Hang();

        await StopAsync(Second);

        await ReplacedAsync(processId);
        Assert.False(Lives(processId));
    }

    [Fact]
    public async Task StopEpoch_TheTrainerHasOnlyStarted_CompletesAtOnce_AndTheTrainerIsToldLater()
    {
        await StartAsync();
        var first = await ConnectAsync();
        Kill();
        var second = await ReplacedAsync(first);

        await StopAsync(Second);

        Assert.Equal((TrainerState.Starting, second), (Report.State, Report.ProcessId));
        await ConnectAsync();
        await UntilAsync(() => Report.EpochFloor == Second, "the trainer to know the epoch");
        Assert.Equal(second, Report.ProcessId);
    }

    [Fact]
    public async Task StopEpoch_TheTrainerOfAnEarlierSiloHasNotConnected_CompletesAfterItHas()
    {
        await StartAndEnterAsync();
        var processId = Report.ProcessId;
        await RestartAndAwaitAsync();

        var stop = Trainers.StopEpochAsync(Second);
        Assert.False(stop.IsCompleted);
        await ConnectAsync();

        await CompletesAsync(stop);
        Assert.True(HasHeardOfStop(Second));
        Assert.Equal((TrainerState.Waiting, processId), (Report.State, Report.ProcessId));
    }

    [Fact]
    public async Task StopEpoch_AsTheFirstActOfASilo_AwaitsTheTrainerOfTheEarlierOne()
    {
        await StartAndEnterAsync();
        await RestartAsync();

        var stop = Trainers.StopEpochAsync(Second);
        Assert.False(stop.IsCompleted);
        await ConnectAsync();

        await CompletesAsync(stop);
        Assert.True(HasHeardOfStop(Second));
    }

    [Fact]
    public async Task AdoptEpoch_TheTrainerIsInIt_Continues()
    {
        await StartAndEnterAsync();
        var processId = Report.ProcessId;
        await RestartAndAwaitAsync();

        Trainers.AdoptEpoch(First);

        await ConnectAsync();
        Assert.Equal((TrainerState.Training, First, processId), (Report.State, Report.Epoch, Report.ProcessId));
        Assert.False(HasHeardOfStop(First));
        Assert.Equal(processId, Trainers.ProcessIdOf(Rank));
    }

    [Fact]
    public async Task AdoptEpoch_TheTrainerIsInAnEarlierOne_IsToldToStopWhenItConnects()
    {
        await StartAndEnterAsync();
        var processId = Report.ProcessId;
        await RestartAndAwaitAsync();

        Trainers.AdoptEpoch(Second);

        await ConnectAsync();
        await UntilAsync(() => Report.EpochFloor == Second, "the trainer to know the epoch");
        Assert.Equal((TrainerState.Waiting, processId), (Report.State, Report.ProcessId));
    }

    [Fact]
    public async Task AdoptEpoch_TheConnectedTrainerIsInAnEarlierOne_IsToldToStop()
    {
        await StartAndEnterAsync();
        var processId = Report.ProcessId;

        Trainers.AdoptEpoch(Second);

        await UntilAsync(() => Report.EpochFloor == Second, "the trainer to know the epoch");
        Assert.Equal((TrainerState.Waiting, processId), (Report.State, Report.ProcessId));
    }

    [Fact]
    public async Task Rest_TrainersExit_AndNoneIsStartedUntilALaterEpoch()
    {
        HashSet<int> processes = [];
        await StartAndEnterAsync();
        var first = Report.ProcessId;
        Trainers.Changed += () =>
        {
            lock (processes) processes.Add(Report.ProcessId);
        };

        Trainers.Rest(First);
        await UntilAsync(() => Report.State == TrainerState.Exited && !Lives(first), "the exit");
        await StopAsync(First);
        LetTimePass();
        await UntilAsync(() => Processes().Length > 0, "the news of the exit");
        Assert.Equal([first], Processes());

        await StopAsync(Second);
        await ReplacedAsync(first);
        Assert.Null(Trainers.Problem);

        int[] Processes()
        {
            lock (processes) return [.. processes];
        }
    }

    [Fact]
    public async Task Rest_ATrainerConnectsLater_Exits()
    {
        await StartAsync();
        var first = await ConnectAsync();
        Kill();
        var second = await ReplacedAsync(first);

        Trainers.Rest(First);
        await ConnectAndExitAsync();

        await UntilAsync(() => Report.State == TrainerState.Exited && !Lives(second), "the exit");
        Assert.True(Report.TotalIterations > 0);
        LetTimePass();
        Assert.Equal(second, Report.ProcessId);
    }

    [Fact]
    public async Task PushCommitted_TheTrainerIsTold()
    {
        await StartAndEnterAsync();
        var snapshot = await CaptureAsync();

        Trainers.PushCommitted(First, snapshot.Iteration);

        await UntilAsync(() => HasHeardOfCommitted(snapshot), "the trainer to hear of the commit");
    }

    [Fact]
    public async Task PushCommitted_TheTrainerConnectsLater_IsTold()
    {
        await StartAndEnterAsync();
        var snapshot = await CaptureAsync();
        await RestartAndAwaitAsync();
        Trainers.AdoptEpoch(First);

        Trainers.PushCommitted(First, snapshot.Iteration);
        Assert.False(HasHeardOfCommitted(snapshot));
        await ConnectAsync();

        await UntilAsync(() => HasHeardOfCommitted(snapshot), "the trainer to hear of the commit");
    }

    [Fact]
    public async Task PushAbandoned_TheTrainerIsTold()
    {
        var snapshot = await StartAndFillSlotsAsync();

        Trainers.PushAbandoned(First, snapshot.Iteration);

        await UntilAsync(() => HasHeardOfAbandoned(snapshot), "the trainer to hear that the iteration is abandoned");
    }

    [Fact]
    public async Task PushAbandoned_TheTrainerConnectsLater_IsTold()
    {
        var snapshot = await StartAndFillSlotsAsync();
        await RestartAndAwaitAsync();
        Trainers.AdoptEpoch(First);

        Trainers.PushAbandoned(First, snapshot.Iteration);
        Assert.False(HasHeardOfAbandoned(snapshot));
        await ConnectAsync();

        await UntilAsync(() => HasHeardOfAbandoned(snapshot), "the trainer to hear that the iteration is abandoned");
    }

    [Fact]
    public async Task PushPersisted_TheTrainerIsTold()
    {
        await StartAndEnterAsync();
        var snapshot = await CaptureAsync();

        Trainers.PushPersisted(First, snapshot.Iteration);

        await UntilAsync(() => HasHeardOfPersisted(snapshot), "the trainer to hear that the snapshot is in storage");
    }

    [Fact]
    public async Task PushPersisted_TheTrainerConnectsLater_IsTold()
    {
        await StartAndEnterAsync();
        var snapshot = await CaptureAsync();
        await RestartAndAwaitAsync();
        Trainers.AdoptEpoch(First);

        Trainers.PushPersisted(First, snapshot.Iteration);
        Assert.False(HasHeardOfPersisted(snapshot));
        await ConnectAsync();

        await UntilAsync(() => HasHeardOfPersisted(snapshot), "the trainer to hear that the snapshot is in storage");
    }
}
