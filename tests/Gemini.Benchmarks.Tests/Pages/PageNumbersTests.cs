using Gemini.Benchmarks.Captures;
using Gemini.Benchmarks.ControlPlane;
using Gemini.Benchmarks.ControlPlane.Cluster;
using Gemini.Benchmarks.Detections;
using Gemini.Benchmarks.Emulation;
using Gemini.Benchmarks.InBand;
using Gemini.Benchmarks.Memories;
using Gemini.Benchmarks.Overhead;
using Gemini.Benchmarks.Recoveries;
using Gemini.Benchmarks.Transfers;
using static Gemini.Testing.Units;

namespace Gemini.Benchmarks.Tests.Pages;

/// <summary>The page has the numbers of the code and no others; see <see cref="DesignPage"/>.</summary>
public sealed class PageNumbersTests
{
    [Fact]
    public void Page_ItsNumbers_AreThoseOfTheCode()
    {
        var (p3dn, p4d) = (PublishedModel.Gpt2Of40BOnP3dn, PublishedModel.Gpt2Of100BOnP4d);
        var starved = p3dn.WithIdle(p3dn.Checkpoint / 3);
        var (recover, memory) = (new RecoverOptions(), new MemoryOptions());
        new DesignPage("tests/Gemini.Benchmarks/DESIGN.md")
        {
            FromTheCode =
            [
                $"| {S(p3dn.Iteration)} | {S(p3dn.Idle)} | {S(p3dn.Checkpoint)} |",
                $"| {S(p4d.Iteration)} | {S(p4d.Idle)} | {S(p4d.Checkpoint)} |",
                $"| {starved.Iteration.TotalSeconds:0.0} s | {starved.Idle.TotalSeconds:0.0} s | {S(starved.Checkpoint)} |",
                $"divided among the blocks and varies by {PublishedModel.Jitter:0 %}.",
                $"and the commits per iteration {OverheadRun.SettlingIterations} iterations after the change",
                $"computes for {S(FirstIteration.Length)}, and saves a shard {CaptureCommand.DefaultSaves} times.",
                $"at least {CaptureRows.RateTarget} of it is promised from {MiB(CaptureRows.PromisedBytes)} on.",
                $"compared with `rate`: at least {CaptureRows.FirstSaveTarget}.",
                $"at most {CaptureRows.HeldTarget} ms.",
                $"{S(FirstIteration.Length)}, as a trainer does in its first iteration, and then replicates a snapshot {TransferCommand.DefaultTransfers} times.",
                $"at least {TransferRows.ReplicateTarget} of them is promised from {MiB(TransferRows.PromisedBytes)} on.",
                $"compared with `rate`: at least {TransferRows.FirstTarget}. `cpuPerGB`",
                $"compared with the raw socket: at least {TransferRows.FetchTarget} is",
                $"and then memcpy: at least {TransferRows.LoadTarget}.",
                $"so only {FetchCommand.DefaultSize} MiB is measured unless",
                $"arguments of calls, {InBandSilo.CallsAtOnce} at the same time;",
                $"For a job of {string.Join(", ", ControlPlaneCommand.DefaultHosts.SkipLast(1))} and {ControlPlaneCommand.DefaultHosts[^1]:N0} hosts",
                $"| {ControlPlaneRows.ReportMicrosecondsMax} µs and {KiB((long)ControlPlaneRows.ReportBytesMax)} for any number of hosts |",
                $"periodic evaluations | at most {ControlPlaneRows.GrowthMax} times as much as in the smallest job |",
                $"| {ControlPlaneRows.PlanMillisecondsMax} ms |",
                $"All ranks finish an iteration of {S(PlayedTraining.Period)} at the same moment.",
                $"The own copy is complete {Ms(PlayedTraining.Capture)} later, and the copies of others arrive {Ms(PlayedTraining.Replication)} after the end.",
                $"the median of the iterations, and the longest | {ClusterRows.CommitMillisecondsMax} ms |",
                $"until all train | {ClusterRows.FormingSecondsMax} s |",
                $"before the hosts start | {ClusterRows.RootPercentMax} % |",
                $"with what they use anyway | at most {ClusterRows.GrowthMax} times as much as in the smallest job |",
                $"(../../Gemini.Silo/Lab/Detection/DESIGN.md), {DetectCommand.Defaults.Repetitions} times each.",
                $"{recover.Hosts} hosts and a standby train `{recover.Model}` on this machine. {recover.Repetitions} trainers and then {recover.Repetitions} hosts",
                $"Promised are {RecoverRows.SoftwareMillisecondsMax} ms after the loss of a trainer and {RecoverRows.HardwareMillisecondsMax} ms after the loss",
                $"The same failures, {recover.StateRepetitions} times, in jobs of {recover.StateHosts} hosts",
                $"only have a state: {MiB(RecoverBenchmark.SmallBytes)}, and then {recover.StateMebibytes:N0} MiB a host.",
                $"takes {S(TimeSpan.FromMilliseconds(recover.StatePaceMilliseconds))}, so that its checkpoint",
                $"at most {RecoverRows.BytesRatioMax} times as long.",
                $"{memory.Hosts} hosts train a state of {memory.StateMebibytes} MiB each.",
                $"a warm-up of {memory.WarmUpRecoveries} recoveries and {memory.WarmUpSaves} saves, after {memory.Saves:N0} saves, and after "
                    + $"{memory.Recoveries} recoveries",
                $"A look takes the least of {memory.Moments} moments.",
                $"at most {MemoryRows.GrowthMax} times as much.",
                $"at most {MemoryRows.ManagedMebibytesMax} MiB, whatever",
            ],
            Others = [("An example.", "The case `replicate/256 MiB m=3 x2` means: each of two peers gets 256 MiB,")],
        }.AssertAllNumbers();
    }
}
