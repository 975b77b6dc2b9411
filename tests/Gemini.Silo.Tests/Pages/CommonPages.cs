using System.Globalization;
using Gemini.Grains.Health;
using Gemini.Grains.Recovery;
using Gemini.Grains.Scheduling;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Configuration;
using Gemini.Silo.Memory;
using Gemini.Silo.Trainers;
using Gemini.Silo.Transfer;
using static Gemini.Testing.Units;

namespace Gemini.Silo.Tests.Pages;

/// <summary>The numbers of the pages that belong to no single part of the product.</summary>
internal static class CommonPages
{
    private const int Nonce = JobSecret.NonceBytes;
    private const int Proof = JobSecret.ProofBytes;

    private static readonly TransferOptions Transfer = new();
    private static readonly HealthOptions Health = new();
    private static readonly MachinesConfiguration ByKubernetes = new() { Kubernetes = new() };

    public static DesignPage[] All { get; } =
    [
        new("Gemini.Interfaces/SharedMemory/SEGMENT.md"),
        new("Gemini.Interfaces/SharedMemory/NETWORK.md")
        {
            FromTheCode =
            [
                string.Create(CultureInfo.InvariantCulture, $"Layout version {NetworkPage.Version}, {NetworkPage.FileBytes:n0} bytes."),
                $"{NetworkPage.IterationSlots} slots of 16 bytes; slot i % {NetworkPage.IterationSlots} belongs to iteration i: 8 bytes changes at its beginning "
                    + "8 bytes time of its beginning;",
                $"{NetworkPage.ChangeSlots} slots of 8 bytes; slot c % {NetworkPage.ChangeSlots} has the time of change c",
            ],
        },
        new("Gemini.Grains/Scheduling/DESIGN.md")
        {
            FromTheCode =
            [
                $"A host sends bursts of some {Ms(PathProbe.BurstLength)} to each holder",
                string.Create(CultureInfo.InvariantCulture, $"If the median burst becomes longer by at most {PathMeasurement.InflationMax - 1:0 %},"),
                string.Create(CultureInfo.InvariantCulture, $"after each longest span: ε, {Transfer.TrainingTolerance:0 %} of an iteration"),
                $"up to {Ms(SendRule.InFlightMax)} of traffic may be on its way, as far as",
                $"Later at most {Ms(SendRule.InFlightMin)} of traffic is on its way to a peer",
                $"asks again shortly before, at least every {Ms(TrafficGate.WaitMax)}.",
                $"*Choice:* {Ms(SendRule.InFlightMin)} at the rate that the kernel measures, and {Ms(SendRule.InFlightMax)} while that is harmless.",
                $"delays training by what is on its way, {Ms(SendRule.InFlightMin)} at most, or {Ms(SendRule.InFlightMax)} if it is shorter than it ever was.",
                $"the begin of the span is missed, by {Ms(TrafficGate.WaitMax)} at most.",
                $"trainers leave out about every {new JobConfiguration().BaselineInterval}th save (`job.baselineInterval`)",
                string.Create(CultureInfo.InvariantCulture, $"*Cost:* {1.0 / new JobConfiguration().BaselineInterval:0 %} of the iterations have no snapshot"),
            ],
            Others =
            [
                ("an example", "checkpointing costs 0.4 % of an iteration (every iteration; path unclassed; 4.1 of 5.7 s idle time used)"),
                ("arithmetic: the times have a normal distribution", "vary by 2 %, seven of eight exceed 1 % once in six hundred times"),
                ("about the sum of its phases", "*Cost:* some 3 seconds for each holder"),
                ("an example", "a limit that is right for 1 Gbit/s costs throughput"),
                ("an example", "a rest of 1e-17 s then decides"),
                ("Linux, TCP_DELACK_MIN", "a receiver may delay that acknowledgement for 40 ms"),
            ],
        },
        new("Gemini.Interfaces/Wire/WIRE.md")
        {
            FromTheCode =
            [
                $"ended by `\\n`, at most {TrainerProtocol.MaxLineBytes} bytes,",
                $"question 0 u64 magic \"GEMLIVE2\" 8 {Nonce} bytes nonce {8 + Nonce} {Proof} bytes question proof {LivenessProtocol.QuestionBytes} bytes",
                $"answer 0 {Nonce} bytes nonce {Nonce} {Proof} bytes answer proof {LivenessProtocol.AnswerBytes} bytes",
                $"The asking side tries three times, {Ms(TrainerProbe.TryLimit)} each.",
                $"The whole handshake takes at most {S(Transfer.HandshakeTimeout)}.",
                $"16 {DataPortProtocol.JobNameFieldBytes} bytes job name, zero padded {16 + DataPortProtocol.JobNameFieldBytes} {Nonce} bytes nonce",
                $"52 i32 chunk {DataRequest.SizeBytes} bytes reply",
                $"28 u32 zero {DataReply.SizeBytes} bytes frame",
                $"12 u32 zero 16 u64 hash {ChunkFrame.SizeBytes} bytes",
                $"if that does not move, waits at most {S(Transfer.CaptureStallTimeout)})",
                $"how many bytes follow, at most {MiB(DataRequest.ProbeBytesMax)}.",
                $"it takes part in no other, after at most {S(ProbeTurn.WaitLimit)}.",
                $"The server hashes its whole copy, which may take {S(Transfer.CheckTimeout)}, or longer for a large one.",
            ],
        },
        new("docs/assumptions.md")
        {
            FromTheCode =
            [
                $"| 24 | If recoveries fail again and again, at most one begins in {S(Health.AttemptPauseLimit)},",
                $"within the silo grace** ({S(Health.SiloGrace)} by default)",
                $"`health.stuckMultiple` ({Health.StuckMultiple}) median iterations, and at least `health.stuckFloorSeconds` ({S(Health.StuckFloor)})",
                $"in the first iteration, `health.loadLimitSeconds` ({S(Health.LoadLimit)})",
                $"doubles these limits, up to {GrainsPages.MostTimesTheHangLimits()} times.",
                $"A host copies at {MBPerSecond(Health.CopyRateFloorBytesPerSecond)} at least and reads from storage at "
                    + $"{MBPerSecond(Health.StorageRateFloorBytesPerSecond)} at least; a trainer comes up within `health.startLimitSeconds` ({S(Health.StartLimit)}).",
                $"after `health.siloGraceSeconds` ({S(Health.SiloGrace)}) its host is replaced",
                $"**If all hosts are to stop, all are told within {S(LeavePlanner.Settling)}.**",
                $"longer than `storage.stopSeconds` ({new StorageConfiguration().StopSeconds} s)",
                $"is started only while the machine has {GiB(new TrainerLimits().SpareHeadroomBytes)} available.",
                $"It hashes copies that are older than {S(new ScrubOptions().IdleAge)}.",
            ],
            Others =
            [
                (PageNumbersTests.OfTheTrainer, "`CompleteAsync` waits for the last commit for 60 s, longer only for a large state."),
                ("three floats", "12 bytes per parameter (fp32 and AdamW)"),
                (PageNumbersTests.Measured, "A spare takes some 0.3 GB more"),
            ],
        },
        new("docs/glossary.md") { FromTheCode = [$"| chunk | the bytes under one hash, {MiB(SegmentLayout.DefaultChunkBytes)} |"] },
        new("deploy/hosts/README.md")
        {
            FromTheCode =
            [
                $"and all hosts are told to stop within {S(LeavePlanner.Settling)},",
                $"**One host of several**: it leaves after {S(LeavePlanner.Settling)}, without `storage` at once,",
                $"and start the host again within {S(Health.SiloGrace)}.",
                $"with 1 if the job has been failed for {Minutes(LeavePlanner.FailedForGood)}.",
            ],
        },
        new("deploy/kubernetes/README.md")
        {
            FromTheCode =
            [
                $"If a host is not back {S(GrainsPages.Grace(ByKubernetes))} after its loss (`machines.afterSeconds`)",
                $"The attempt ends after {Minutes(ByKubernetes.ToOptions().AttemptLimit)}. The next attempts follow after {S(ByKubernetes.ToOptions().PauseMinimum)}, "
                    + $"{S(2 * ByKubernetes.ToOptions().PauseMinimum)}, ... up to {Minutes(ByKubernetes.ToOptions().PauseMaximum)}.",
            ],
        },
    ];
}
