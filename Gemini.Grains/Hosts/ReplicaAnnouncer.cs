using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Tells the host's checkpoint group which replicas the host holds. Until a replica is committed, it is announced again and again. So a group or a
/// root agent that started again in the middle of a commit learns all it needs.
/// </summary>
internal sealed class ReplicaAnnouncer(IControlPlane controlPlane, JobSpec job, IHostMemory memory, HostState state, TimeProvider time)
{
    /// <summary>A commit takes milliseconds. If one takes longer than this, a message was lost.</summary>
    internal static readonly TimeSpan RepeatPeriod = TimeSpan.FromMilliseconds(500);

    private readonly PlacementPlan _placement = JobPlacement.PlanOf(job);
    private readonly Signal _signal = new(time);
    private ImmutableHashSet<SnapshotId> _skipped = [];
    private Epoch _toldEpoch;
    private ImmutableArray<Replica> _told = [];

    /// <summary>Something was sealed or skipped.</summary>
    public void Announce() => _signal.Set();

    /// <summary>One of the host's ranks took no snapshot of an iteration.</summary>
    public void AnnounceSkip(SnapshotId snapshot)
    {
        ImmutableInterlocked.Update(ref _skipped, skipped => skipped.Add(snapshot));
        _signal.Set();
    }

    /// <summary>Waits until there may be something to tell, and tells it; see <see cref="HostLoop"/>.</summary>
    public async Task AnnounceAsync(CancellationToken ct)
    {
        await _signal.WaitAsync(RepeatPeriod, ct);
        var directive = state.Directive;
        var epoch = directive.Version.Epoch;
        // Before Prepare is done, memory still holds copies that the recovery discards.
        if (directive.Position is not { } position || state.Done < new DirectiveVersion(epoch, DirectiveStep.Prepare)) return;
        var committed = state.Committed;
        var replicas = memory.Inventory().Where(replica => replica.Snapshot.Iteration >= committed).ToImmutableArray();
        var skipped = _skipped;
        var iterations = skipped.Where(skip => skip.Epoch == epoch && skip.Iteration > committed).Select(skip => skip.Iteration).ToImmutableArray();
        var pending = !iterations.IsEmpty || replicas.Any(replica => replica.Snapshot.Iteration > committed);
        if (!pending && epoch == _toldEpoch && replicas.SequenceEqual(_told)) return;
        await controlPlane.AnnounceAsync(_placement.GroupOf(position).Index, position, epoch, replicas, iterations, ct);
        (_toldEpoch, _told) = (epoch, replicas);
        ImmutableInterlocked.Update(ref _skipped, known => known.Except(skipped));
    }
}
