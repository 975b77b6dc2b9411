using Gemini.Grains.Health;
using Gemini.Grains.Hosts;
using Gemini.Grains.Machines;
using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Tests.Hosting;
using Gemini.Silo.Trainers;
using static Gemini.Testing.Units;

namespace Gemini.Silo.Tests.Pages;

/// <summary>The numbers of the pages in Gemini.Grains.</summary>
internal static class GrainsPages
{
    /// <summary>The example in the table of the steps' limits: the bytes of one rank.</summary>
    private const long RankBytes = 10_000_000_000;

    private static readonly HealthOptions Health = new();

    private static readonly MachinesConfiguration ByProcess = new() { Process = new() };
    private static readonly MachinesConfiguration ByCommand = new() { Command = new() };
    private static readonly MachinesConfiguration ByKubernetes = new() { Kubernetes = new() };

    public static DesignPage[] All { get; } =
    [
        new("Gemini.Grains/Commit/DESIGN.md")
        {
            FromTheCode = [$"whenever something is sealed or skipped, and every {Ms(ReplicaAnnouncer.RepeatPeriod)} while it holds"],
            Others = [(PageNumbersTests.OfTheTrainer, "if no slot is free within 2 s")],
        },
        new("Gemini.Grains/Hosts/DESIGN.md")
        {
            FromTheCode =
            [
                $"| at a directive, and each {Ms(DirectiveRunner.RetryDelay)} until it is done |",
                $"| at a seal or a skip, and each {Ms(ReplicaAnnouncer.RepeatPeriod)} while something is not committed |",
            ],
        },
        new("Gemini.Grains/Machines/DESIGN.md")
        {
            FromTheCode =
            [
                $"No answer until {S(MachinePlanner.AnswerSlack)} after the limit: Pausing",
                $"*Choice:* {S(Grace(ByProcess))} (process), {S(Grace(ByCommand))} (command) or {S(Grace(ByKubernetes))} (Kubernetes);",
            ],
            Others = [("a paper", "4 to 7 minutes for a machine of a cloud")],
        },
        new("Gemini.Grains/Placement/DESIGN.md"),
        new("Gemini.Grains/Recovery/DESIGN.md")
        {
            FromTheCode =
            [
                .. Limits(),
                $"Later: every recorded host has reported, or {S(Health.FormingLimit)} have passed",
                $"| some hosts, and after {S(LeavePlanner.Settling)} not all |",
                $"The {S(LeavePlanner.Settling)} cost no training",
                $"| a trainer lost a peer, and for {S(Health.LostPeerGrace)} nothing else explains it |",
                $"| silo away | wait {S(Health.SiloGrace)} for a new silo;",
                $"| no rank has finished a step for {Health.StuckMultiple} times the median iteration, and at least {S(Health.StuckFloor)}; {S(Health.LoadLimit)} while",
                $"does not carry out a step within the step's limit, or reports a problem for {S(Health.ProblemGrace)} |",
                $"one after the other, {Ms(CrashDetectorTests.Turn())} apart",
                $"when its silo is dead or its reports are overdue ({S(milliseconds: TrainerProbes.ReportOverdue)})",
                $"these limits double with every such verdict, up to {MostTimesTheHangLimits()} times the configured values",
                $"the longest of {S(Health.CommitFloor)}, {Health.CommitMultiple} median iterations, and the time for the copies on a network of "
                    + $"{MBPerSecond(Health.CopyRateFloorBytesPerSecond)}.",
                $"Each such epoch doubles the limit, up to {1 << CommitWatch.DoublingsMax} times.",
                $"(and more than {SlowHosts.NoiseMilliseconds} ms longer)",
                $"or if it reports a problem for {S(Health.ProblemGrace)} while it owes a step",
                $"is passed over for {S(Health.SetbackPause)}, then {S(2 * Health.SetbackPause)}, up to {Min(Health.SetbackPauseLimit)} (`Setbacks`)",
                $"From the third on they are at least {S(milliseconds: PauseBeforeTheThirdAttempt())} apart, doubling to {S(Health.AttemptPauseLimit)}.",
                $"and after {S(Health.FormingLimit)} to any other present host",
                $"as long as for any silo ({S(Health.SiloGrace)})",
                $"repair waits up to {S(Health.RestartGrace)} for the hosts",
                $"*Cost:* up to {S(new TrainerLimits().StopLimit)} more for a trainer that does not even answer `stop`",
            ],
            Others =
            [
                (PageNumbersTests.Measured, "about 1 KB with 16 hosts"),
                (PageNumbersTests.Measured, "this takes about 5 s, or 2 s with `fast`"),
                ("history", "hosts obeyed it after 0.3 s"),
                ("Orleans", "leases of 30 s after a crash"),
            ],
        },
    ];

    /// <summary>The table of the steps' limits, and its example: two slots on each of two hosts are four segments of a rank's size on a host.</summary>
    private static string[] Limits()
    {
        var (copy, storage) = (MBPerSecond(Health.CopyRateFloorBytesPerSecond), MBPerSecond(Health.StorageRateFloorBytesPerSecond));
        var limits = new StepLimits(Health, rates: default);
        string Prepare(int shards, bool fromStorage) => RoundedMin(limits.Prepare(shards * RankBytes, fromStorage).Limit);
        return
        [
            $"| step | limit | one rank of {RankBytes / 1e9} GB on each host, m = 2 |",
            $"| Halt | {S(Health.StopLimit)} + own bytes / {copy} + {S(Health.StepSlack)} | {RoundedMin(limits.Halt(RankBytes).Limit)} |",
            $"| {S(Health.StartLimit)} + {S(Health.LoadLimit)} + {S(Health.StepSlack)} | {RoundedMin(limits.Declare().Limit)} |",
            $"/ {copy} + {S(Health.StartLimit)} + {S(Health.StepSlack)}; {storage} if the plan needs storage | {Prepare(5, false)}; "
                + $"in a job with storage {Prepare(6, false)}, or {Prepare(6, true)} if the plan needs storage |",
            $"| Resuming | {S(Health.LoadLimit)} + own bytes / {copy} without any progress, see above | {RoundedMin(limits.Load(RankBytes))} |",
            $"the slowest host's, divided by {Deadline.Slowdown}. No limit is longer than {Health.StepCeiling.TotalHours} h.",
        ];
    }

    internal static int MostTimesTheHangLimits()
    {
        var repeats = new StuckRepeats();
        for (var verdict = 0; verdict < 20; verdict++) repeats.Verdict(new Iteration(1), TimeSpan.Zero, "");
        return repeats.Factor;
    }

    private static double PauseBeforeTheThirdAttempt() => new RecoveryAttempts(earlier: 2, culpritAttempts: 3, pauseLimit: long.MaxValue).WaitFor(now: 0);

    internal static TimeSpan Grace(MachinesConfiguration machines) => machines.ToOptions().ReturnGrace;
}
