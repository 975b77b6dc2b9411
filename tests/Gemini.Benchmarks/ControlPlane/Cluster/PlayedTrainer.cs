using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>The one trainer of a played host, as its silo reports it. Thread-safe.</summary>
/// <param name="host">The host.</param>
/// <param name="period">Of its iterations.</param>
internal sealed class PlayedTrainer(HostName host, TimeSpan period) : ITrainers
{
    private readonly Lock _gate = new();
    private TrainerReport _report = new()
    {
        LocalIndex = 0,
        State = TrainerState.Waiting,
        ProcessId = Environment.ProcessId,
        RingEndpoint = $"10.0.0.1:{host}",
        Description = "played",
        IsWarm = true,
    };

    public event Action? Changed;

    public event Action<Rank, SnapshotId>? Capturing;

    /// <summary>The host knows that an iteration is committed.</summary>
    public event Action<Iteration>? Committed;

    public ImmutableArray<TrainerReport> Reports
    {
        get { lock (_gate) return [_report]; }
    }

    public string? Problem => null;

    public string? Warning => null;

    /// <summary>The epoch that it trains in; zero while it does not train.</summary>
    public Epoch Epoch
    {
        get { lock (_gate) return _report.State == TrainerState.Training ? _report.Epoch : Epoch.Zero; }
    }

    public void SetPosition(HostPosition? position)
    {
    }

    public int ProcessIdOf(Rank rank) => Environment.ProcessId;

    public void AdoptEpoch(Epoch epoch)
    {
    }

    public Task StopEpochAsync(Epoch epoch)
    {
        Change(report => report with { State = TrainerState.Waiting, EpochFloor = epoch });
        return Task.CompletedTask;
    }

    public void Rest(Epoch epoch)
    {
    }

    public void PushCommitted(Epoch epoch, Iteration iteration) => Committed?.Invoke(iteration);

    public void PushAbandoned(Epoch epoch, Iteration iteration)
    {
    }

    public void PushPersisted(Epoch epoch, Iteration iteration)
    {
    }

    public void MarkJoined(Rank rank) => Changed?.Invoke();

    public void MarkDeclared(Rank rank, long payloadBytes) => Change(report => report with { ShardBytes = payloadBytes });

    public void MarkAsking(Rank rank)
    {
    }

    public void MarkLoading(Rank rank, Epoch epoch) => Change(report => report with { State = TrainerState.Loading });

    public void MarkLoaded(Rank rank, Epoch epoch, Iteration iteration) => Change(report => report with
    {
        State = TrainerState.Training,
        Epoch = epoch,
        Iteration = iteration,
        Captured = iteration,
    });

    public void MarkCaptured(Rank rank, Iteration iteration) => Change(report => report with { Captured = iteration });

    public void MarkSkipped(Rank rank)
    {
    }

    public void EnsureSocket()
    {
    }

    /// <summary>The trainer has finished an iteration, and begins to capture it.</summary>
    public void Finish(Rank rank, SnapshotId snapshot)
    {
        Change(report => report with
        {
            Iteration = snapshot.Iteration,
            Loss = 1.0 / snapshot.Iteration.Value,
            IterationMilliseconds = period.TotalMilliseconds,
            BusyMilliseconds = period.TotalMilliseconds,
        });
        Capturing?.Invoke(rank, snapshot);
    }

    private void Change(Func<TrainerReport, TrainerReport> change)
    {
        lock (_gate) _report = change(_report);
        Changed?.Invoke();
    }
}
