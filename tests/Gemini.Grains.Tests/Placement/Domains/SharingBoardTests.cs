using CsCheck;
using Gemini.Grains.Placement.Domains;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Domains;

/// <summary>The costs on the board stay those of the definition, whatever hosts change places.</summary>
public sealed class SharingBoardTests
{
    private static readonly Gen<(ReplicaPlacement Strategy, int Replicas, int[] Racks, int[] Lines, int[] Swaps)> Boards =
        from hosts in Gen.Int[2, 8]
        from isRing in Gen.Bool
        from replicas in Gen.Int[1, hosts]
        from racks in Gen.Int[0, 3].Array[hosts]
        from lines in Gen.Int[0, 2].Array[hosts]
        from swaps in Gen.Int[0, hosts - 1].Array[0, 20]
        select (isRing ? ReplicaPlacement.Ring : ReplicaPlacement.Mixed, replicas, racks, lines, swaps);

    [Fact]
    public void TrySwap_AnySwaps_TheCostIsThatOfTheDefinition_AndNeverGrows() => Boards.Sample((strategy, replicas, racks, lines, swaps) =>
    {
        var plan = PlacementPlans.Create(strategy, racks.Length, replicas);
        var holders = BruteForce.HoldersOf(plan);
        var board = BoardOf(plan, racks, lines);
        for (var index = 0; index + 1 < swaps.Length; index += 2)
        {
            var (left, right, before, cost) = (swaps[index], swaps[index + 1], board.HostAt, board.Cost);

            var isSwapped = board.TrySwap(left, right);

            int[] swapped = [.. before];
            (swapped[left], swapped[right]) = (swapped[right], swapped[left]);
            var better = SharingBoard.Compare(CostOf(swapped), cost) < 0;
            Assert.Equal(better, isSwapped);
            Assert.Equal(better ? swapped : before, board.HostAt);
            Assert.Equal(CostOf(board.HostAt), board.Cost);
        }

        for (var owner = 0; owner < racks.Length; owner++)
        {
            int[] domains = [.. holders[owner].Select(holder => racks[board.HostAt[holder]])];
            Assert.Equal(domains.Length - domains.Distinct().Count(), board.SharedAt(owner, label: 0));
        }

        long[] CostOf(int[] order) => [BruteForce.Shared(holders, order, racks), BruteForce.Shared(holders, order, lines)];
    });

    /// <summary>A position takes part if it holds a shard of which two copies are in one domain, even if its own copy is elsewhere.</summary>
    [Fact]
    public void Shares_AnyBoard_EqualsTheDefinition() => Boards.Sample((strategy, replicas, racks, lines, _) =>
    {
        var plan = PlacementPlans.Create(strategy, racks.Length, replicas);
        var holders = BruteForce.HoldersOf(plan);
        var board = BoardOf(plan, racks, lines);

        for (var position = 0; position < racks.Length; position++)
        {
            var expected = holders.Where(set => set.Contains(position)).Any(set => IsShared(set, racks) || IsShared(set, lines));
            Assert.Equal(expected, board.Shares(position));
        }

        static bool IsShared(int[] set, int[] domainOf) => set.Select(holder => domainOf[holder]).Distinct().Count() < set.Length;
    });

    /// <summary>The label of higher priority decides alone, unless it is equal.</summary>
    [Theory]
    [InlineData(new long[] { 1, 9 }, new long[] { 2, 0 }, -1)]
    [InlineData(new long[] { 2, 0 }, new long[] { 2, 1 }, -1)]
    [InlineData(new long[] { 2, 1 }, new long[] { 2, 1 }, 0)]
    [InlineData(new long[] { 3, 0 }, new long[] { 2, 9 }, 1)]
    public void Compare_IsByPriority(long[] left, long[] right, int sign) => Assert.Equal(sign, Math.Sign(SharingBoard.Compare(left, right)));

    /// <summary>The limits of a search count this work, so it must grow with every look.</summary>
    [Fact]
    public void Work_CountsEveryHolderThatIsLookedAt()
    {
        var board = BoardOf(MixedPlacement.Create(4, 2), [0, 1, 0, 1], [0, 0, 1, 1]);
        // Four owners with two holders each, by two labels.
        Assert.Equal(16, board.Work);

        board.SharedAt(0, label: 1);
        Assert.Equal(18, board.Work);

        // The swap of two groups touches all owners, before and after it.
        board.TrySwap(0, 2);
        Assert.Equal(18 + 32, board.Work);
    }

    private static SharingBoard BoardOf(PlacementPlan plan, int[] racks, int[] lines)
    {
        var hosts = Racks.Of(racks, lines);
        return new SharingBoard(plan, [FailureDomains.Of("rack", hosts), FailureDomains.Of("power", hosts)], [.. Enumerable.Range(0, racks.Length)]);
    }
}
