using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>When a host may leave.</summary>
public sealed class LeavePlannerTests
{
    private static readonly LeaveObservation Training = new()
    {
        Phase = JobPhase.Running,
        Reason = "a reason",
        HasPosition = true,
        HasStorage = true,
        OthersStay = true,
        Committed = new SnapshotId(new Iteration(20), new Epoch(1)),
    };

    [Fact]
    public void NobodyWasToldToStop_AllStay() => Assert.Null(LeavePlanner.Evaluate(Training));

    [Theory]
    [InlineData(1_999, null)]
    [InlineData(2_000, LeaveCause.Released)]
    public void OneHostWasToldToStop_StaysForAsLongAsOthersMayBeToldToo(long leaving, LeaveCause? cause) =>
        Assert.Equal(cause, CauseOf(Training with { LeavingMilliseconds = leaving }));

    [Fact]
    public void AStandbyOrAHostOfAJobWithoutStorage_LeavesAtOnce()
    {
        Assert.Equal(LeaveCause.Released, CauseOf(Training with { LeavingMilliseconds = 0, HasPosition = false }));
        Assert.Equal(LeaveCause.Released, CauseOf(Training with { LeavingMilliseconds = 0, HasStorage = false }));
    }

    [Theory]
    [InlineData(JobPhase.Forming, false, false, null)]
    [InlineData(JobPhase.Running, false, false, null)]
    [InlineData(JobPhase.Running, true, false, null)]
    [InlineData(JobPhase.Halting, false, true, null)]
    [InlineData(JobPhase.Persisting, false, false, null)]
    [InlineData(JobPhase.Persisting, true, false, LeaveCause.Saved)]
    [InlineData(JobPhase.Persisting, false, true, LeaveCause.NotSaved)]
    [InlineData(JobPhase.Replacing, false, true, LeaveCause.NotSaved)]
    [InlineData(JobPhase.Failed, false, false, LeaveCause.NotSaved)]
    public void AllHostsWereToldToStop_LeaveOnceTheSnapshotIsSafe_OrNothingMoreCanBeDone(
        JobPhase phase, bool isPersisted, bool isIncomplete, LeaveCause? cause) => Assert.Equal(cause, CauseOf(Training with
        {
            Phase = phase,
            OthersStay = false,
            LeavingMilliseconds = 60_000,
            IsPersisted = isPersisted,
            IsIncomplete = isIncomplete,
        }));

    [Fact]
    public void AllHostsWereToldToStop_NothingIsCommitted_LeaveAtOnce() =>
        Assert.Equal(LeaveCause.Released, CauseOf(Training with { OthersStay = false, LeavingMilliseconds = 0, Committed = null }));

    [Theory]
    [InlineData(JobPhase.Completed, true, 0, LeaveCause.Completed)]
    [InlineData(JobPhase.Completed, false, 0, null)]
    [InlineData(JobPhase.Failed, false, 299_999, null)]
    [InlineData(JobPhase.Failed, false, 300_000, LeaveCause.Failed)]
    public void TheJobHasEnded_EveryHostIsTold(JobPhase phase, bool allKnow, long failed, LeaveCause? cause) =>
        Assert.Equal(cause, CauseOf(Training with { Phase = phase, AllKnowOfCompletion = allKnow, FailedMilliseconds = failed }));

    private static LeaveCause? CauseOf(in LeaveObservation observation) => LeavePlanner.Evaluate(observation)?.Cause;
}
