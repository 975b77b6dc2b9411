using System.Collections.Immutable;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>One checkpoint group's calls of the root agent, at the place where the group's silo believes it to be.</summary>
internal sealed class GroupCalls(World world, GroupActivation group) : IGroupService
{
    private const int LimitMilliseconds = 2000;

    public Task<JobSpec?> GetSpecAsync() => CallAsync(root => root.GetSpecAsync());

    public Task GroupCompleteAsync(int index, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards) =>
        TellAsync(root => root.GroupCompleteAsync(index, epoch, snapshot, Told(shards)));

    public Task GroupSkippedAsync(int index, Epoch epoch, Iteration iteration) => TellAsync(root => root.GroupSkippedAsync(index, epoch, iteration));

    /// <summary>The defect: the group reports one shard twice, in the place of another.</summary>
    private ImmutableArray<Replica> Told(ImmutableArray<Replica> shards) => world.Has(Defect.ShardToldTwice) ? shards.SetItem(0, shards[^1]) : shards;

    private Task<bool> TellAsync(Func<IGroupService, Task> message) => CallAsync(async root =>
    {
        await message(root);
        return true;
    });

    private async Task<T?> CallAsync<T>(Func<IGroupService, Task<T>> call)
    {
        var (isAnswered, answer) = await group.Silo.CallAsync<RootActivation, T>(group, RootActivation.Key, LimitMilliseconds, call);
        return isAnswered ? answer : throw new GrainFailure("the root agent does not answer");
    }
}
