using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class SeenEpochsTests
{
    private readonly HostReport _report = new() { Host = Jobs.Host(0), Incarnation = 1, Sequence = 1, SpecFingerprint = "", DataEndpoint = "" };

    [Fact]
    public void NewestOf_MemoryTrainersAndDirectives_AllCount()
    {
        Assert.Equal(Epoch.Zero, SeenEpochs.NewestOf(_report));
        Assert.Equal(new Epoch(3), SeenEpochs.NewestOf(_report with { Done = new DirectiveVersion(new Epoch(3), DirectiveStep.Halt) }));
        Assert.Equal(new Epoch(4), SeenEpochs.NewestOf(_report with { Replicas = [Jobs.Replica(0, Jobs.Snapshot(1, epoch: 4))] }));
        Assert.Equal(new Epoch(5), SeenEpochs.NewestOf(_report with { Trainers = [Told(5)], EpochFloor = new Epoch(2) }));
    }

    /// <summary>The number comes from a flipped bit. No epoch could follow it. Without it, the host has been told nothing.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void EpochFloorOf_OnlyEpochsThatCannotBe_IsNone(long epoch)
    {
        var report = _report with { EpochFloor = new Epoch(epoch), Trainers = [Told(epoch)] };

        Assert.Equal((Epoch.Zero, Epoch.Zero), (SeenEpochs.EpochFloorOf(report), SeenEpochs.NewestOf(report)));
    }

    private static TrainerReport Told(long epoch) => new() { LocalIndex = 0, State = TrainerState.Waiting, EpochFloor = new Epoch(epoch) };
}
