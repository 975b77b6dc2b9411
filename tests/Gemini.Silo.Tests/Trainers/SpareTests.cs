using Gemini.Grains.Hosts;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Processes;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>Spare processes: when they are started, when they take over, and that they never outlive their silo.</summary>
public sealed class SpareTests : IAsyncDisposable
{
    /// <summary>Writes its process id and its number as a spare into its log, and then sleeps, as trainer and as spare.</summary>
    private const string Says = "echo process $$ spare ${GEMINI_SPARE:-none}; " + SupervisorFixture.Sleeps;

    private readonly SupervisorFixture _test = new();
    private readonly List<FakeTrainer> _connections = [];

    public async ValueTask DisposeAsync()
    {
        _connections.ForEach(connection => connection.Dispose());
        await _test.DisposeAsync();
    }

    [Fact]
    public async Task Step_StartsASpare_WhichIsReportedWhenItIsWarm()
    {
        await TrainAsync();
        await ProcessOfAsync(1);
        var spare = await ConnectSpareAsync(1);
        Assert.Equal(0, _test.Report.WarmSpares);
        spare.Send(new TrainerWarm());
        await _test.UntilAsync(report => report.WarmSpares == 1, "a warm spare");
    }

    [Fact]
    public async Task NoStepYet_NoSpare()
    {
        Start();
        var trainer = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        await ConnectAsync(trainer);
        var early = await ConnectSpareAsync(1);
        // This silo has not started the spare, so it closes the connection.
        await early.ClosedAsync();
    }

    [Fact]
    public async Task LastStep_NoSpare()
    {
        await TrainAsync(iteration: 100);
        await (await ConnectSpareAsync(1)).ClosedAsync();
    }

    [Fact]
    public async Task TrainerIsKilled_TheSpareTakesItsPlace()
    {
        var first = await TrainAsync();
        var process = await ProcessOfAsync(1);
        var spare = await ConnectWarmSpareAsync(1);

        ProcessTools.Kill(first);
        Assert.IsType<SiloTakeOver>(await spare.ReceiveAsync());
        var next = await _test.UntilAsync(report => report.State == TrainerState.Starting, "the next trainer");
        Assert.Equal(process, next.ProcessId);
        Assert.False(SupervisorFixture.Lives(first));
        Assert.Equal(0, next.WarmSpares);

        // The spare is now the trainer in every respect: it says hello, trains, and has its own spare.
        spare.Dispose();
        await TrainAsync(process);
        await ProcessOfAsync(2);
    }

    [Fact]
    public async Task TrainerIsKilled_ItsLockIsStillHeld_TheSpareWaits()
    {
        var first = await TrainAsync();
        await ProcessOfAsync(1);
        var spare = await ConnectWarmSpareAsync(1);
        var word = spare.ReceiveAsync();
        using (var held = PrivateFile.OpenOrCreate(_test.Paths.TrainerLock(0)))
        {
            Assert.True(PrivateFile.TryLock(held));
            ProcessTools.Kill(first);
            await _test.UntilAsync(TrainerState.Exited);
            await Wait.UntilAsync(() => !SupervisorFixture.Lives(first), "the trainer's end");
            // Another process holds the lock, like a process that ends slowly. So the spare does not take over.
            Assert.False(word.IsCompleted);
        }

        Assert.IsType<SiloTakeOver>(await word);
    }

    [Fact]
    public async Task SpareThatTookOver_SaysNoHello_IsKilledAndAnotherStarted()
    {
        var first = await TrainAsync(configure: options => options with { AdoptionLimit = TimeSpan.FromSeconds(2) });
        var process = await ProcessOfAsync(1);
        var spare = await ConnectWarmSpareAsync(1);
        ProcessTools.Kill(first);
        Assert.IsType<SiloTakeOver>(await spare.ReceiveAsync());
        await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != process && report.ProcessId != first, "a third process");
        Assert.False(SupervisorFixture.Lives(process));
    }

    /// <summary>A spare that still loads its model would take as long as a new process.</summary>
    [Fact]
    public async Task TrainerIsKilled_AWarmSpareTakesItsPlace_NotAColdOneThatCameBefore()
    {
        var trainer = await TrainAsync(configure: options => options with { Spares = 2 });
        await ProcessOfAsync(1);
        _connections[0].Send(new TrainerStep(1, 2, 1.5, 10));
        var process = await ProcessOfAsync(2);
        await ConnectSpareAsync(1);
        var warm = await ConnectWarmSpareAsync(2);

        ProcessTools.Kill(trainer);

        Assert.IsType<SiloTakeOver>(await warm.ReceiveAsync());
        Assert.Equal(process, (await _test.UntilAsync(report => report.State == TrainerState.Starting, "the next trainer")).ProcessId);
    }

    [Fact]
    public async Task SpareDies_AnotherIsStartedAfterTheNextStep()
    {
        var trainer = await TrainAsync();
        var process = await ProcessOfAsync(1);
        var spare = await ConnectWarmSpareAsync(1);
        ProcessTools.Kill(process);
        spare.Dispose();
        await _test.UntilAsync(report => report.WarmSpares == 0, "no spare");

        // The silo notices the spare's end a moment after the end of its connection.
        await Wait.UntilAsync(() =>
        {
            _connections[0].Send(new TrainerStep(1, 2, 1.5, 10));
            return ProcessOf(2) is not null;
        }, "the next spare");
        Assert.Equal(trainer, _test.Report.ProcessId);
    }

    [Fact]
    public async Task ProgramKnowsNoSpares_IsLeftAloneAfterTwo()
    {
        _test.Start("echo process $$ spare ${GEMINI_SPARE:-none}; [ -n \"$GEMINI_SPARE\" ] && exit 2; " + SupervisorFixture.Sleeps, WithSpares);
        await TrainAsync((await _test.UntilAsync(TrainerState.Starting)).ProcessId);
        // Each step may start a spare. The silo notices the end of the spare before it a moment later.
        await Wait.UntilAsync(() =>
        {
            _connections[0].Send(new TrainerStep(1, 2, 1.5, 10));
            return ProcessOf(2) is { } second && !SupervisorFixture.Lives(second);
        }, "the second spare's end");
        for (var iteration = 3; iteration <= 30; iteration++)
        {
            _connections[0].Send(new TrainerStep(1, iteration, 1.5, 10));
            await _test.UntilAsync(report => report.Iteration.Value == iteration, "the step");
        }

        Assert.Null(ProcessOf(3));
    }

    [Fact]
    public async Task MemoryIsScarce_NoSpare_TrainingGoesOn()
    {
        var trainer = await TrainAsync(configure: options => options with { SpareHeadroomBytes = long.MaxValue });
        await (await ConnectSpareAsync(1)).ClosedAsync();
        Assert.Equal((trainer, TrainerState.Training), (_test.Report.ProcessId, _test.Report.State));
    }

    /// <summary>The start of the spare hangs in the file system of its logs while the job is finished.</summary>
    [Fact]
    public async Task JobIsFinished_ASpareIsJustStarting_ItIsNotStartedAfterwards()
    {
        using var hangs = new ManualResetEventSlim();
        var starts = 0;
        await TrainAsync(configure: options => options with
        {
            OpenLogs = (directory, index) =>
            {
                // The second start is the first spare's.
                if (Interlocked.Increment(ref starts) == 2) hangs.Wait();
                return TrainerLogs.Prepare(directory, index);
            },
        });
        await Wait.UntilAsync(() => Volatile.Read(ref starts) == 2, "the start of a spare");

        _test.Supervisor.Rest(new Epoch(1));
        hangs.Set();
        _connections[0].Send(new TrainerStep(1, 2, 1.5, 10));

        await ProcessOfAsync(2);
        Assert.Null(ProcessOf(1));
    }

    [Fact]
    public async Task JobIsFinished_AgainAndAgain_TheProgramStillHasSpares()
    {
        await TrainAsync();
        for (var number = 1; number <= 3; number++)
        {
            var spare = await ProcessOfAsync(number);
            _test.Supervisor.Rest(new Epoch(1));
            await Wait.UntilAsync(() => !SupervisorFixture.Lives(spare), "the spare's end");
            _connections[0].Send(new TrainerStep(1, 1 + number, 1.5, 10));
        }

        await ProcessOfAsync(4);
    }

    [Fact]
    public async Task Detach_EndsTheSparesAndLeavesTheTrainer()
    {
        var trainer = await TrainAsync();
        var spare = await ProcessOfAsync(1);
        await _test.Supervisor.DetachAsync();
        await Wait.UntilAsync(() => !SupervisorFixture.Lives(spare), "the spare's end");
        Assert.True(SupervisorFixture.Lives(trainer));
        ProcessTools.Kill(trainer);
    }

    [Fact]
    public async Task Shutdown_EndsTheSpares()
    {
        await TrainAsync();
        var spare = await ProcessOfAsync(1);
        await _test.Supervisor.ShutdownAsync("the test is over", TimeSpan.FromMilliseconds(100));
        await Wait.UntilAsync(() => !SupervisorFixture.Lives(spare), "the spare's end");
    }

    private static TrainerOptions WithSpares(TrainerOptions options) => options with { Spares = 1, SpareHeadroomBytes = 0 };

    private void Start(Func<TrainerOptions, TrainerOptions>? configure = null) =>
        _test.Start(Says, options => configure?.Invoke(WithSpares(options)) ?? WithSpares(options));

    /// <summary>A trainer that has finished a step.</summary>
    private async Task<int> TrainAsync(long iteration = 1, Func<TrainerOptions, TrainerOptions>? configure = null)
    {
        Start(configure);
        var process = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        await TrainAsync(process, iteration);
        return process;
    }

    private async Task TrainAsync(int process, long iteration = 1)
    {
        var trainer = await ConnectAsync(process);
        trainer.Send(new TrainerStep(1, iteration, 1.5, 10));
        await _test.UntilAsync(report => report.Iteration.Value == iteration, "the step");
    }

    private async Task<FakeTrainer> ConnectAsync(int process)
    {
        var trainer = await FakeTrainer.ConnectAsync(_test, process, epoch: 1);
        _connections.Insert(0, trainer);
        await _test.UntilAsync(TrainerState.Training);
        return trainer;
    }

    private async Task<FakeTrainer> ConnectSpareAsync(int number)
    {
        var spare = await FakeTrainer.ConnectSilentlyAsync(_test);
        _connections.Add(spare);
        spare.Send(new TrainerSpare(TrainerProtocol.Version, 0, number));
        return spare;
    }

    /// <summary>The process of a spare that runs, and that the silo knows.</summary>
    private async Task<int> ProcessOfAsync(int number)
    {
        await Wait.UntilAsync(() => ProcessOf(number) is not null, $"spare {number}");
        var process = ProcessOf(number)!.Value;
        await Wait.UntilAsync(() => _test.Log.All.Contains($"Started a spare of trainer 0 as process {process}"), "the silo to know its process");
        return process;
    }

    private async Task<FakeTrainer> ConnectWarmSpareAsync(int number)
    {
        var spare = await ConnectSpareAsync(number);
        spare.Send(new TrainerWarm());
        await _test.UntilAsync(report => report.WarmSpares == 1, "a warm spare");
        return spare;
    }

    private int? ProcessOf(int number)
    {
        using var log = new FileStream(
            Path.Combine(_test.LogDirectory, "trainer-0.out.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(log);
        var said = reader.ReadToEnd().Split('\n').Select(line => line.Split(' ')).FirstOrDefault(words => words is [_, _, _, var spare] && spare == $"{number}");
        return said is null ? null : int.Parse(said[1]);
    }
}
