using System.Collections.Immutable;
using System.Globalization;
using Gemini.Grains.Commit;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster.Ports;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>One activation of a checkpoint group: the real <see cref="GroupDriver"/> on a simulated network. Nothing in it is durable.</summary>
internal sealed class GroupActivation : Activation
{
    private const string KeyPrefix = "group-";

    private readonly World _world;
    private readonly GroupDriver _driver;

    public GroupActivation(World world, Silo silo, string key)
        : base(world, silo)
    {
        _world = world;
        var index = int.Parse(key.AsSpan(KeyPrefix.Length), CultureInfo.InvariantCulture);
        _driver = new GroupDriver(index, new GroupCalls(world, this), new TraceLog<CheckpointGroup>(world, silo.Host));
    }

    public static string KeyOf(int group) => $"{KeyPrefix}{group}";

    public async Task AnnounceAsync(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped)
    {
        if (_world.Has(Defect.OneHolderShort)) await AnnounceForSilentHolderAsync(holder, epoch, replicas);
        await _driver.AnnounceAsync(holder, epoch, replicas, skipped);
    }

    /// <summary>The defect: if an owner announces its shards, the group counts the last of the owner's holders as well.</summary>
    private Task AnnounceForSilentHolderAsync(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas)
    {
        var own = replicas.Where(replica => _world.Job.PositionOf(replica.Owner) == holder).ToImmutableArray();
        return own.IsEmpty ? Task.CompletedTask : _driver.AnnounceAsync(_world.Placement.HoldersOf(holder)[^1], epoch, own, []);
    }
}
