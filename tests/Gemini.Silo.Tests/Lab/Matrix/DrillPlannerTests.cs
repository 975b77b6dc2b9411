using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Matrix;
using Gemini.Silo.Tests.Lab.Demo;

namespace Gemini.Silo.Tests.Lab.Matrix;

public sealed class DrillPlannerTests
{
    /// <summary>Every case, every shape, every host of the root agent, and a few seeds: what must hold for every choice of victims.</summary>
    [Fact]
    public void Plan_EveryCase_ExpectsWhatTheLostMemorySays()
    {
        var drills = new MatrixOptions().Cases(withStorage: true).Concat(new MatrixOptions().Cases(withStorage: false)).ToList();
        foreach (var (shape, scene) in Scenes())
        {
            foreach (var drill in drills)
            {
                for (var seed = 0; seed < 8; seed++) CheckExpectation(drill, shape, scene, seed);
            }
        }
    }

    [Theory]
    [InlineData(DrillTarget.Trainer, DrillTime.Capture, DrillEnding.Memory)]
    [InlineData(DrillTarget.Silo, DrillTime.Commit, DrillEnding.Undisturbed)]
    [InlineData(DrillTarget.Host, DrillTime.Between, DrillEnding.Memory)]
    [InlineData(DrillTarget.GroupPair, DrillTime.Seal, DrillEnding.Storage)]
    [InlineData(DrillTarget.CrossPair, DrillTime.Seal, DrillEnding.Memory)]
    [InlineData(DrillTarget.CrossPair, DrillTime.Fetch, DrillEnding.Storage)]
    [InlineData(DrillTarget.All, DrillTime.Load, DrillEnding.Storage)]
    [InlineData(DrillTarget.Standby, DrillTime.Capture, DrillEnding.Undisturbed)]
    [InlineData(DrillTarget.Standby, DrillTime.Fetch, DrillEnding.Memory)]
    [InlineData(DrillTarget.Redis, DrillTime.Commit, DrillEnding.Undisturbed)]
    [InlineData(DrillTarget.Redis, DrillTime.Decide, DrillEnding.Memory)]
    public void Plan_N4M2_EndsAsThePromiseSays(object target, object time, object ending)
    {
        var drill = new DrillCase((DrillTarget)target, (DrillTime)time, WithStorage: true);
        for (var seed = 0; seed < 20; seed++)
            Assert.Equal((DrillEnding)ending, DrillPlanner.Plan(drill, Scene(new DrillShape(4, 2), root: 0), new Random(seed)).Expected);
    }

    [Fact]
    public void Plan_N6M3_TwoHostsOfAGroup_AreSurvived()
    {
        var drill = new DrillCase(DrillTarget.GroupPair, DrillTime.Replication, WithStorage: false);
        for (var seed = 0; seed < 20; seed++)
            Assert.Equal(DrillEnding.Memory, DrillPlanner.Plan(drill, Scene(new DrillShape(6, 3), root: 0), new Random(seed)).Expected);
    }

    [Fact]
    public void Plan_FirstFailure_IsOfAGroupWithoutVictims_WhereThereIsOne()
    {
        var scene = Scene(new DrillShape(4, 2), root: 1);
        for (var seed = 0; seed < 20; seed++)
        {
            var plan = DrillPlanner.Plan(new DrillCase(DrillTarget.Root, DrillTime.Fetch, WithStorage: true), scene, new Random(seed));
            Assert.Contains(scene.PositionOf(plan.First!.Value.Host)!.Value, (int[])[2, 3]);
            Assert.Equal(KillTarget.Host, plan.First.Value.Kind);
        }
    }

    [Fact]
    public void Plan_RootOnTheStandby_InTraining_DisturbsNothing()
    {
        var scene = Scene(new DrillShape(4, 2), root: 4);
        Assert.Equal(DrillEnding.Undisturbed, DrillPlanner.Plan(new DrillCase(DrillTarget.Root, DrillTime.Commit, true), scene, new Random(1)).Expected);
    }

    [Theory]
    [InlineData(7, new[] { 0, 1 }, true)]
    [InlineData(7, new[] { 0, 1, 2 }, false)]
    [InlineData(7, new[] { 0 }, false)]
    [InlineData(0, new[] { 0, 1 }, false)]
    [InlineData(7, null, false)]
    public void Refusal_NamesExactlyTheLostRanks(long committed, int[]? missing, bool isRight)
    {
        var status = Statuses.Create(7, JobPhase.Failed) with
        {
            Committed = new Iteration(committed),
            Missing = missing is null ? null : new MissingShards(null, [.. missing.Select(rank => new Rank(rank))]),
        };

        Assert.Equal(isRight, DrillRunner.IsRightRefusal(status, [new Rank(0), new Rank(1)]));
    }

    [Fact]
    public void Scene_OfAStatus_NeedsEveryPositionAndAStandby()
    {
        var scene = DrillScene.Of(Statuses.Create(5))!;
        Assert.Equal(["host-0", "host-1", "host-2", "host-3"], scene.Assigned.Select(host => host.Value));
        Assert.Equal("host-4", scene.Standby.Value);
        Assert.Null(DrillScene.Of(Statuses.Create(5, hosts: Statuses.Host("host-0", 0))));
        Assert.Null(DrillScene.Of(Statuses.Create(5, hosts: [.. Enumerable.Range(0, 4).Select(index => Statuses.Host("host-" + index, index))])));
    }

    private static void CheckExpectation(DrillCase drill, DrillShape shape, DrillScene scene, int seed)
    {
        var plan = DrillPlanner.Plan(drill, scene, new Random(seed));
        var lost = plan.Kind == KillTarget.Host ? plan.Victims.ToHashSet() : [];
        if (plan.First is { Kind: KillTarget.Host } first) lost.Add(first.Host);

        Assert.Equal(drill.IsInRecovery, plan.First is not null);
        Assert.Equal(LostShards(scene, lost, shape.Replicas), plan.Lost.Select(rank => rank.Value));
        Assert.Equal(!plan.Lost.IsEmpty, plan.Expected is DrillEnding.Storage or DrillEnding.Refusal);
        Assert.False(plan.Expected == (drill.WithStorage ? DrillEnding.Refusal : DrillEnding.Storage), $"{drill}");
        if (drill.IsInRecovery) Assert.NotEqual(DrillEnding.Undisturbed, plan.Expected);
    }

    private static IEnumerable<(DrillShape Shape, DrillScene Scene)> Scenes() =>
        DrillShape.All.SelectMany(shape => Enumerable.Range(0, shape.Hosts + 1).Select(root => (shape, Scene(shape, root))));

    private static DrillScene Scene(DrillShape shape, int root)
    {
        var hosts = Enumerable.Range(0, shape.Hosts + 1).Select(index => new HostName("host-" + index)).ToList();
        return new DrillScene([.. hosts.Take(shape.Hosts)], hosts[^1], hosts[root], MixedPlacement.Create(shape.Hosts, shape.Replicas));
    }

    /// <summary>By the text of the guarantee: the shards whose m copies are all on lost hosts.</summary>
    private static IEnumerable<int> LostShards(DrillScene scene, HashSet<HostName> lost, int replicas) => Enumerable.Range(0, scene.Assigned.Length).Where(
        owner => scene.Placement.HoldersOf(new HostPosition(owner)).Count(holder => lost.Contains(scene.Assigned[holder.Value])) == replicas);
}
