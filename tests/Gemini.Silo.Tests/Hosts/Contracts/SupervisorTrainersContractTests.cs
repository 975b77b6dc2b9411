using Gemini.Grains.Hosts;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Processes;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Tests.Trainers;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>The silo's supervisor: real processes, a real socket, and the worker agent's marks as the agent makes them.</summary>
public sealed class SupervisorTrainersContractTests : TrainersContract, IAsyncDisposable
{
    /// <summary>A trainer that holds its lock all its life. While the file "broken" exists, it fails at its start.</summary>
    private const string Script = $"[ -e broken ] && exit 3; exec flock --no-fork \"${TrainerEnvironment.LockFile}\" sleep 600";

    private static readonly TimeSpan Never = TimeSpan.FromHours(1);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(1);

    private readonly SupervisorFixture _test = new();
    private readonly ManualResetEventSlim _mayStart = new(true);
    private ObedientTrainer? _trainer;

    protected override ITrainers Trainers => _test.Supervisor;

    protected override long PayloadBytes => TestMemory.PayloadBytes;

    private ObedientTrainer Trainer => _trainer!;

    private TrainerReport Report => _test.Report;

    private TrainerLockFile Lock => new(_test.Paths.TrainerLock(0));

    private string Broken => Path.Combine(_test.Paths.Directory, "broken");

    public async ValueTask DisposeAsync()
    {
        LetStart();
        await _test.DisposeAsync();
        if (_trainer is not null) await _trainer.DisposeAsync();
    }

    [Fact]
    public async Task EnsureSocket_SomebodyDeletedTheSocket_TrainersFindItAgain()
    {
        await StartAsync();
        File.Delete(_test.Paths.TrainerSocket);

        Trainers.EnsureSocket();

        await ConnectAsync();
        Assert.Equal(TrainerState.Waiting, Report.State);
    }

    protected override Task StartAsync(ShortLimit limit = ShortLimit.None)
    {
        PrivateFile.OpenOrCreate(Lock.Path).Dispose();
        _test.Start(Script, options => options with
        {
            WorkingDirectory = _test.Paths.Directory,
            StartLimit = Never,
            AdoptionLimit = Never,
            LaunchLimit = Never,
            KillLimit = Never,
            StopLimit = limit == ShortLimit.Stop ? Soon : Never,
            ReturnFloor = limit == ShortLimit.Return ? Soon : Never,
            OpenLogs = (directory, index) =>
            {
                _mayStart.Wait();
                return TrainerLogs.Prepare(directory, index);
            },
            Restart = new RestartOptions { PauseMin = AtOnce, PauseMax = AtOnce, SettleTime = AtOnce },
        });
        Trainers.SetPosition(Position);
        return UntilAsync(() => Report.State == TrainerState.Starting, "the first trainer");
    }

    protected override Task RestartAsync() => _test.RestartAsync();

    protected override async Task<int> ConnectAsync()
    {
        await SayHelloAsync();
        await UntilAsync(() => Report.State is TrainerState.Waiting or TrainerState.Training, "its hello");
        return Report.ProcessId;
    }

    protected override Task ConnectAndExitAsync() => SayHelloAsync();

    protected override Task JoinAsync()
    {
        Trainer.Rank = Rank;
        Trainers.MarkJoined(Rank);
        Trainers.MarkDeclared(Rank, PayloadBytes);
        return Task.CompletedTask;
    }

    protected override Task EnterAsync(Epoch epoch, Iteration iteration = default)
    {
        Trainers.MarkAsking(Rank);
        Trainers.MarkLoading(Rank, epoch);
        (Trainer.Epoch, Trainer.Iteration) = (epoch, iteration);
        Trainers.MarkLoaded(Rank, epoch, iteration);
        return Task.CompletedTask;
    }

    protected override Task<SnapshotId> CaptureAsync()
    {
        var snapshot = NextSnapshot();
        Trainer.BeginCapture(snapshot);
        Trainer.EndCapture();
        Trainers.MarkCaptured(Rank, snapshot.Iteration);
        return Task.FromResult(snapshot);
    }

    protected override Task BeginCaptureAsync()
    {
        Trainer.BeginCapture(NextSnapshot());
        return Task.CompletedTask;
    }

    protected override void EndCapture() => Trainer.EndCapture();

    protected override void Skip() => Trainers.MarkSkipped(Rank);

    protected override void Hang() => Trainer.IsHung = true;

    protected override void Kill()
    {
        ProcessTools.Kill(Report.ProcessId);
        // The kernel closes the socket of a process that it has killed.
        _trainer?.HangUp();
    }

    protected override void BreakTrainers() => File.WriteAllText(Broken, "");

    protected override void MendTrainers() => File.Delete(Broken);

    protected override void HoldStarts() => _mayStart.Reset();

    protected override void LetStart() => _mayStart.Set();

    protected override bool Lives(int processId) => SupervisorFixture.Lives(processId);

    protected override bool HasHeardOfStop(Epoch epoch) => Trainer.WasTold(new SiloStop(epoch.Value));

    protected override bool HasHeardOfCommitted(SnapshotId snapshot) => Trainer.WasTold(new SiloCommitted(snapshot.Epoch.Value, snapshot.Iteration.Value));

    protected override bool HasHeardOfAbandoned(SnapshotId snapshot) => Trainer.WasTold(new SiloAbandoned(snapshot.Epoch.Value, snapshot.Iteration.Value));

    protected override bool HasHeardOfPersisted(SnapshotId snapshot) => Trainer.WasTold(new SiloPersisted(snapshot.Epoch.Value, snapshot.Iteration.Value));

    protected override Task UntilAsync(Func<bool> condition, string what) => Wait.UntilAsync(condition, what);

    protected override void LetTimePass()
    {
    }

    private SnapshotId NextSnapshot()
    {
        Trainer.Iteration = Trainer.Iteration.Next();
        return new SnapshotId(Trainer.Iteration, Trainer.Epoch);
    }

    /// <summary>The process that holds the lock connects: as a new trainer, or as the one that an earlier silo knew.</summary>
    private async Task SayHelloAsync()
    {
        await UntilAsync(() => Report.State is TrainerState.Starting or TrainerState.Awaited && Lock.HolderProcessId() == Report.ProcessId, "a trainer");
        var processId = Report.ProcessId;
        if (_trainer?.ProcessId != processId)
        {
            if (_trainer is not null) await _trainer.DisposeAsync();
            _trainer = new ObedientTrainer(processId, () => Trainers.MarkAsking(Rank));
        }

        await _trainer.ConnectAsync(_test);
    }
}
