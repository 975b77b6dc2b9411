using CsCheck;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Tests.Model;

/// <summary>The orders by which the job decides what is newer, and the texts that it prints.</summary>
public sealed class OrderingTests
{
    private static readonly Gen<long> Numbers = Gen.OneOf(Gen.Long[0, 3], Gen.Long, Gen.Const(long.MaxValue), Gen.Const(long.MinValue));

    /// <summary>The newer iteration wins; of two captures of one iteration, the later epoch.</summary>
    [Fact]
    public void Snapshot_IsOrderedByIterationThenEpoch() => Gen.Select(Numbers, Numbers, Numbers, Numbers).Sample((i1, e1, i2, e2) =>
    {
        SnapshotId one = new(new Iteration(i1), new Epoch(e1)), other = new(new Iteration(i2), new Epoch(e2));
        Assert.Equal((i1, e1).CompareTo((i2, e2)), Math.Sign(one.CompareTo(other)));
        Assert.Equal(one == other, one.CompareTo(other) == 0);
        Assert.Equal($"{i1}@{e1}", one.ToString());
    });

    /// <summary>A host ignores an older directive: by epoch, then by step.</summary>
    [Fact]
    public void Directive_IsOrderedByEpochThenStep() =>
        Gen.Select(Numbers, Gen.Enum<DirectiveStep>(), Numbers, Gen.Enum<DirectiveStep>()).Sample((e1, s1, e2, s2) =>
        {
            DirectiveVersion one = new(new Epoch(e1), s1), other = new(new Epoch(e2), s2);
            var order = (e1, s1).CompareTo((e2, s2));
            bool[] expected = [order < 0, order > 0, order <= 0, order >= 0];
            bool[] operators = [one < other, one > other, one <= other, one >= other];
            Assert.Equal(expected, operators);
            Assert.Equal(order, Math.Sign(one.CompareTo(other)));
            Assert.Equal($"{e1}.{s1}", one.ToString());
        });

    [Fact]
    public void Steps_AreInTheOrderInWhichHostsTakeThem() => Assert.Equal(
        [DirectiveStep.None, DirectiveStep.Halt, DirectiveStep.Prepare, DirectiveStep.Run, DirectiveStep.Complete], Enum.GetValues<DirectiveStep>());

    /// <summary>Best source first: the furthest source that any rank needed is the greatest.</summary>
    [Fact]
    public void Sources_AreFromTheNearestToTheFurthest() => Assert.Equal(
        [CopySource.None, CopySource.Local, CopySource.Peer, CopySource.Storage], Enum.GetValues<CopySource>());

    [Fact]
    public void EpochAndIteration_AreOrderedLikeTheirNumbers() => Gen.Select(Numbers, Numbers).Sample((one, other) =>
    {
        Epoch firstEpoch = new(one), secondEpoch = new(other);
        Iteration firstIteration = new(one), secondIteration = new(other);
        bool[] expected = [one < other, one > other, one <= other, one >= other];
        bool[] epochs = [firstEpoch < secondEpoch, firstEpoch > secondEpoch, firstEpoch <= secondEpoch, firstEpoch >= secondEpoch];
        bool[] iterations =
            [firstIteration < secondIteration, firstIteration > secondIteration, firstIteration <= secondIteration, firstIteration >= secondIteration];
        Assert.Equal(expected, epochs);
        Assert.Equal(expected, iterations);
        Assert.Equal(one.CompareTo(other), firstEpoch.CompareTo(secondEpoch));
        Assert.Equal(one.CompareTo(other), firstIteration.CompareTo(secondIteration));
    });

    [Fact]
    public void Zero_IsBeforeTheFirst()
    {
        Assert.Equal((0L, 0L), (Epoch.Zero.Value, Iteration.Zero.Value));
        Assert.Equal((new Epoch(1), new Iteration(1)), (Epoch.Zero.Next(), Iteration.Zero.Next()));
        Assert.True(Epoch.Zero.IsPossible);
    }

    /// <summary>Names are compared byte by byte, so every host sorts them in the same way.</summary>
    [Fact]
    public void HostNames_AreOrderedByTheirBytes()
    {
        string[] sorted = ["", "Z", "a", "host-1", "host-10", "host-2", "ä"];
        Assert.Equal(sorted, sorted.Reverse().Select(name => new HostName(name)).Order().Select(name => name.ToString()));
    }

    [Fact]
    public void RanksAndPositions_AreOrderedLikeTheirNumbers()
    {
        Assert.Equal(["2", "10", "11"], ((Rank[])[new(11), new(2), new(10)]).Order().Select(rank => rank.ToString()));
        Assert.Equal(["2", "10", "11"], ((HostPosition[])[new(11), new(2), new(10)]).Order().Select(position => position.ToString()));
    }

    [Theory]
    [InlineData(0, "0000000000000000")]
    [InlineData(0xFF, "00000000000000ff")]
    [InlineData(ulong.MaxValue, "ffffffffffffffff")]
    public void Hash_HasAlwaysSixteenDigits(ulong value, string text) => Assert.Equal(text, new ContentHash(value).ToString());
}
