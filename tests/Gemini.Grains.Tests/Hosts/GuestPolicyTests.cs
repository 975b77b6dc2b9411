using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

public sealed class GuestPolicyTests
{
    [Theory]
    [InlineData(new long[] { }, 28, true)]
    [InlineData(new long[] { 28 }, 28, true)]
    [InlineData(new long[] { 27, 28 }, 28, true)]
    [InlineData(new long[] { 29, 30 }, 28, true)]
    [InlineData(new long[] { 28, 30 }, 28, false)]
    [InlineData(new long[] { 1, 2 }, 1, false)]
    public void Refusal_WhereTheCommittedAndANewerOneAreHeld(long[] held, long committed, bool mayTakeTheirPlace)
    {
        var snapshots = held.Select(iteration => new SnapshotId(new Iteration(iteration), new Epoch(1))).ToList();
        Assert.Equal(mayTakeTheirPlace, GuestPolicy.Refusal(snapshots, new Iteration(committed)) is null);
    }
}
