using Gemini.Simulation.Faults;
using Gemini.Simulation.Runs;

namespace Gemini.Simulation.Tests;

/// <summary>The truths can fail: each mistake that is built in around the cores breaks its truth, and that truth finds it.</summary>
public sealed class DefectTests
{
    /// <summary>The largest number of seeds to try: most mistakes show within a few.</summary>
    private const int Seeds = 600;

    [Theory]
    [InlineData("MixedSnapshots", "truth 1", new[] { "Trainer" })]
    [InlineData("HashNotChecked", "truth 1", new[] { "Rot", "Trainer" })]
    [InlineData("HeaderNotChecked", "truth 2", new[] { "HeaderRot" })]
    [InlineData("OutvotedCopyKept", "go on", new[] { "WrongHash", "Trainer" })]
    [InlineData("CopiesIgnoredWithoutRecord", "truth [23]", new[] { "RecordLost" })]
    [InlineData("EpochFloorsNotReported", "go on|truth 5.*is begun", new[] { "RecordLost", "AllSilos", "Trainer", "RootActivation" })]
    [InlineData("OneHolderShort", "truth 2", new[] { "Host" })]
    [InlineData("CommittedOverwritten", "truth 2", new[] { "Silo" })]
    [InlineData("NewestCopyHidden", "truth 2", new[] { "Trainer" })]
    [InlineData("ClearedAtHalt", "truth [23]", new[] { "Trainer" })]
    [InlineData("EndlessSlotWait", "truth 4", new[] { "Silo" })]
    [InlineData("DirectiveBeforeRecord", "truth 5", new[] { "Trainer" })]
    [InlineData("EpochFloorNotRaised", "truth 5", new[] { "Trainer", "Host" })]
    [InlineData("EtagIgnored", "truth|go on", new[] { "SecondRoot", "Trainer" })]
    [InlineData("NoRepeats", "go on", new[] { "Partition", "Host" })]
    [InlineData("CommitsNotWatched", "go on", new[] { "Sender" })]
    [InlineData("NoDeadlines", "go on", new[] { "HaltHang", "Trainer" })]
    [InlineData("NoDeadlines", "go on", new[] { "PrepareHang", "Trainer" })]
    [InlineData("NoDeadlines", "go on", new[] { "TrainerStart", "Trainer" })]
    [InlineData("NoDeadlines", "go on", new[] { "StorageHang", "AllHosts" })]
    [InlineData("NoDeadlines", "go on", new[] { "NoRoom", "Host" })]
    [InlineData("NoCulprits", "go on", new[] { "NoFetch", "Host" })]
    [InlineData("WallClock", "go on", new[] { "Clock", "Silo" })]
    [InlineData("OddHostDecides", "truth 5.*(refused|odd host)", new[] { "OddHost", "RootActivation" })]
    [InlineData("OddRootRefuses", "truth 5.*refused", new[] { "OddHost", "RecordLost", "AllSilos" })]
    [InlineData("OddTrainerAdopted", "truth [12]", new[] { "OddHost", "RecordLost", "AllSilos" })]
    [InlineData("KilledIsBroken", "only killed from outside", new[] { "TrainerKills" })]
    [InlineData("PersistedTooSoon", "truth 2.*storage", new[] { "StopAll" })]
    [InlineData("NamelessThrownAway", "truth 2", new[] { "NamesGone", "Trainer" })]
    [InlineData("StopAwaitsCapture", "truth 4.*a stop met its capture", new[] { "LongCapture", "Trainer" })]
    [InlineData("NoBackOff", "40 epochs", new[] { "NoFetch", "Host" })]
    [InlineData("ShardToldTwice", "InvariantViolatedException.*without the shard of rank", new[] { "Trainer" })]
    [InlineData("UndecidableReport", "OverflowException", new[] { "Trainer" })]
    [InlineData("FailedSendsEnd", "go on", new[] { "OneWay", "Silo" })]
    public void Defect_BuiltIn_IsFoundByItsTruth(string defect, string truth, string[] faults)
    {
        var found = Campaign.Find(Enum.Parse<Defect>(defect), Seeds, [.. faults.Select(Enum.Parse<FaultKind>)]);
        Assert.NotNull(found);
        Assert.Matches(truth, found.Failure!);
    }
}
