using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>Trainers that write every order to the journal. A test sets their reports.</summary>
internal sealed class TrainersDouble(List<string> journal) : ITrainers
{
    public event Action? Changed;

    public event Action<Rank, SnapshotId>? Capturing;

    public ImmutableArray<TrainerReport> Reports { get; private set; } = [];

    public string? Problem { get; set; }

    public string? Warning { get; set; }

    /// <summary>When the trainers of earlier epochs have stopped. Default: at once.</summary>
    public Task Stopped { get; set; } = Task.CompletedTask;

    /// <summary>Process ids by rank.</summary>
    public Dictionary<Rank, int> Processes { get; } = [];

    public void Tell(params ImmutableArray<TrainerReport> reports)
    {
        Reports = reports;
        Changed?.Invoke();
    }

    public void BeginCapture(Rank rank, SnapshotId snapshot) => Capturing?.Invoke(rank, snapshot);

    public void SetPosition(HostPosition? position) => journal.Add($"trainers get position {position?.ToString() ?? "none"}");

    public int ProcessIdOf(Rank rank) => Processes.GetValueOrDefault(rank, 7);

    public void AdoptEpoch(Epoch epoch) => journal.Add($"trainers of epoch {epoch} continue");

    public Task StopEpochAsync(Epoch epoch)
    {
        journal.Add($"trainers before epoch {epoch} stop");
        return Stopped;
    }

    public void Rest(Epoch epoch) => journal.Add($"trainers rest in epoch {epoch}");

    public void PushCommitted(Epoch epoch, Iteration iteration) => journal.Add($"trainers learn: {iteration}@{epoch} is committed");

    public void PushAbandoned(Epoch epoch, Iteration iteration) => journal.Add($"trainers learn: {iteration}@{epoch} is abandoned");

    public void PushPersisted(Epoch epoch, Iteration iteration) => journal.Add($"trainers learn: {iteration}@{epoch} is in storage");

    public void MarkJoined(Rank rank) => journal.Add($"rank {rank} has joined");

    public void MarkDeclared(Rank rank, long payloadBytes) => journal.Add($"rank {rank} has {payloadBytes} bytes");

    public void MarkAsking(Rank rank) => journal.Add($"rank {rank} asks");

    public void MarkLoading(Rank rank, Epoch epoch) => journal.Add($"rank {rank} loads for epoch {epoch}");

    public void MarkLoaded(Rank rank, Epoch epoch, Iteration iteration) => journal.Add($"rank {rank} has loaded {iteration} in epoch {epoch}");

    public void MarkCaptured(Rank rank, Iteration iteration) => journal.Add($"rank {rank} has captured {iteration}");

    public void MarkSkipped(Rank rank) => journal.Add($"rank {rank} has skipped a save");

    public void EnsureSocket()
    {
    }
}
