using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>Calls the trainers of the present silo as the actors of the simulation do.</summary>
internal sealed class TrainersInVirtualTime(SimulatedHosts hosts, Func<ITrainers> present) : ITrainers
{
    public event Action? Changed
    {
        add => present().Changed += value;
        remove => present().Changed -= value;
    }

    public event Action<Rank, SnapshotId>? Capturing
    {
        add => present().Capturing += value;
        remove => present().Capturing -= value;
    }

    public ImmutableArray<TrainerReport> Reports => present().Reports;

    public string? Problem => present().Problem;

    public string? Warning => present().Warning;

    public void SetPosition(HostPosition? position) => hosts.Within(() => present().SetPosition(position));

    public int ProcessIdOf(Rank rank) => present().ProcessIdOf(rank);

    public void AdoptEpoch(Epoch epoch) => hosts.Within(() => present().AdoptEpoch(epoch));

    public Task StopEpochAsync(Epoch epoch) => hosts.Within(() => present().StopEpochAsync(epoch));

    public void Rest(Epoch epoch) => hosts.Within(() => present().Rest(epoch));

    public void PushCommitted(Epoch epoch, Iteration iteration) => hosts.Within(() => present().PushCommitted(epoch, iteration));

    public void PushAbandoned(Epoch epoch, Iteration iteration) => hosts.Within(() => present().PushAbandoned(epoch, iteration));

    public void PushPersisted(Epoch epoch, Iteration iteration) => hosts.Within(() => present().PushPersisted(epoch, iteration));

    public void MarkJoined(Rank rank) => hosts.Within(() => present().MarkJoined(rank));

    public void MarkDeclared(Rank rank, long payloadBytes) => hosts.Within(() => present().MarkDeclared(rank, payloadBytes));

    public void MarkAsking(Rank rank) => hosts.Within(() => present().MarkAsking(rank));

    public void MarkLoading(Rank rank, Epoch epoch) => hosts.Within(() => present().MarkLoading(rank, epoch));

    public void MarkLoaded(Rank rank, Epoch epoch, Iteration iteration) => hosts.Within(() => present().MarkLoaded(rank, epoch, iteration));

    public void MarkCaptured(Rank rank, Iteration iteration) => hosts.Within(() => present().MarkCaptured(rank, iteration));

    public void MarkSkipped(Rank rank) => hosts.Within(() => present().MarkSkipped(rank));

    public void EnsureSocket() => hosts.Within(present().EnsureSocket);
}
