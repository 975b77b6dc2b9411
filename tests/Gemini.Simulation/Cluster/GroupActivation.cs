using System.Collections.Immutable;
using Gemini.Grains.Commit;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>A checkpoint group's grain around the real <see cref="CommitLedger"/>, like <c>CheckpointGroup</c>. Nothing in it is durable.</summary>
internal sealed class GroupActivation : Activation
{
    private const int CallLimitMilliseconds = 2000;

    private readonly World _world;
    private readonly PlacementGroup _group;
    private readonly CommitLedger _ledger;

    public GroupActivation(World world, Silo silo, string key)
        : base(world, silo)
    {
        _world = world;
        _group = world.Placement.Groups.Single(group => KeyOf(group.Index) == key);
        _ledger = new CommitLedger(world.Job, world.Placement, _group);
    }

    public static string KeyOf(int group) => $"group-{group}";

    public async Task AnnounceAsync(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped)
    {
        if (_world.Has(Defect.OneHolderShort)) CountSilentHolder(holder, epoch, replicas);
        var outcome = _ledger.Announce(holder, epoch, replicas, skipped);
        foreach (var complete in outcome.Complete)
            await TellRootAsync(root => root.GroupCompleteAsync(_group.Index, epoch, complete.Snapshot, Told(complete.Shards)));
        foreach (var iteration in outcome.Skipped) await TellRootAsync(root => root.GroupSkippedAsync(epoch, iteration));
    }

    /// <summary>The defect: the group reports one shard twice, in the place of another.</summary>
    private ImmutableArray<Replica> Told(ImmutableArray<Replica> shards) => _world.Has(Defect.ShardToldTwice) ? shards.SetItem(0, shards[^1]) : shards;

    private async Task TellRootAsync(Func<RootActivation, Task> message)
    {
        var (isAnswered, _) = await Silo.CallAsync<RootActivation, bool>(this, RootActivation.Key, CallLimitMilliseconds, async root =>
        {
            await message(root);
            return true;
        });
        if (!isAnswered) throw new GrainFailure("the root agent does not answer");
    }

    /// <summary>The defect: if an owner announces its shards, the group counts the last of the owner's holders as well.</summary>
    private void CountSilentHolder(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas)
    {
        var own = replicas.Where(replica => _world.Job.PositionOf(replica.Owner) == holder).ToImmutableArray();
        if (!own.IsEmpty) _ledger.Announce(_world.Placement.HoldersOf(holder)[^1], epoch, own, []);
    }
}
