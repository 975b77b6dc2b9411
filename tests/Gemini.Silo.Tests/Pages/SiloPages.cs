using Gemini.Grains.Health;
using Gemini.Grains.Persistence;
using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Chaos;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Detection;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Status;
using Gemini.Silo.Tests.Trainers;
using Gemini.Silo.Trainers;
using static Gemini.Silo.Trainers.TrainerEvent;
using static Gemini.Testing.Units;

namespace Gemini.Silo.Tests.Pages;

/// <summary>The numbers of the pages in Gemini.Silo.</summary>
internal static class SiloPages
{
    private static readonly ScrubOptions Scrub = new();
    private static readonly PersistenceOptions Storage = new();
    private static readonly SafetyBounds Bounds = new();
    private static readonly TrainerOptions Trainer = LifeOf.Options;

    public static DesignPage[] All { get; } =
    [
        new("Gemini.Silo/Lab/Detection/DESIGN.md")
        {
            FromTheCode =
            [
                $"| software failure of the host | {Limit(Fault.KillTrainer)} |",
                $"SIGKILL to the silo | none: its trainers continue | {Limit(Fault.KillSilo)} |",
                $"SIGKILL to silo and trainer, memory removed | hardware failure | {Limit(Fault.KillHost)} |",
                $"SIGSTOP to silo and trainer | hardware failure | {Limit(Fault.FreezeHost)} |",
                $"| hardware failure, by the next root agent | {Limit(Fault.FreezeRoot)} |",
                $"| none: the silo is away | {Limit(Fault.FreezeSilo)} |",
                $"SIGSTOP to the trainer | software failure | {Limit(Fault.FreezeTrainer)} |",
                $"its network interface's link goes down | hardware failure | {Limit(Fault.CutCable)} |",
                $"an iteration takes at least {new DetectionOptions().PaceMilliseconds} ms;",
            ],
        },
        new("Gemini.Silo/Lab/Matrix/DESIGN.md")
        {
            FromTheCode =
            [
                $"until it is released, is killed, or {S(DrillConnection.HoldLimit)} are over",
                $"trainers {Share(KillTarget.Trainer)} %, silos {Share(KillTarget.Silo)} %, hosts {Share(KillTarget.Host)} %, "
                    + $"pairs of hosts {Share(KillTarget.Host, hosts: 2)} %.",
                $"an iteration takes at least {new DrillOptions().PaceMilliseconds} ms (`--pace`)",
            ],
            Others = [(PageNumbersTests.Private, "180 s for a cluster to come up, 90 s to be in order again, 30 s to reach the moment")],
        },
        new("Gemini.Silo/Memory/DESIGN.md")
        {
            FromTheCode =
            [
                $"copies that have been here for {S(Scrub.IdleAge)}, each once in {Min(Scrub.Period)}, at {MiB(Scrub.BytesPerSecond)}/s at most.",
                $"while anything is written here, for {S(Scrub.RestLimit)} at most.",
                $"A job that commits more often than every {S(Scrub.IdleAge)} pays nothing",
            ],
        },
        new("Gemini.Silo/Persistence/DESIGN.md")
        {
            FromTheCode =
            [
                $"| every {StoragePolicy.Strawman.Every.TotalHours} hours, or S |",
                $"instead of *Strawman*'s {StoragePolicy.Strawman.Every.TotalHours} hours |",
                $"The host tries again after {S(Storage.RetryMin)}, doubled up to {Min(Storage.RetryMax)}, from the same copy.",
                $"After {Min(PersistTracker.TroubledRequestLimit)}, as soon as the next snapshot is due",
                $"| the load: nothing arrived for {S(Storage.StallLimit)}, or",
                $"| the lister, after {S(Storage.StallLimit)} |",
                $"(`HealthOptions.SiloGrace`, {S(new HealthOptions().SiloGrace)})",
            ],
            Others = [("a paper", "shorter than the paper's 81 s"), (PageNumbersTests.Measured, "the hash of every stored shard, about 40 bytes each")],
        },
        new("Gemini.Silo/Status/DESIGN.md")
        {
            FromTheCode =
            [
                $"is the same client and asks every {Ms(StatusWatcher.PollInterval)}.",
                $"by more than {Bounds.Iterations} iterations, {Bounds.Seconds} s of training (`--max-behind`, `--max-behind-seconds`)",
                $"| a copy cannot be sent, and nothing was committed for {S(milliseconds: StatusWarnings.LateCopyMilliseconds)}:",
                $"the demo asks for the status {TimeSpan.FromSeconds(1) / StatusWatcher.PollInterval} times a second",
            ],
        },
        new("Gemini.Silo/Trainers/DESIGN.md")
        {
            FromTheCode =
            [
                $"`DeathWatch` reads them every {Ms(DeathWatch.Period)}, and every {Ms(DeathWatch.RestPeriod)}",
                $"A process that still lives {S(Trainer.ExitGrace)} after its socket ended is killed.",
                $"If it does not answer within {S(Trainer.StopLimit)} (`TrainerLimits.StopLimit`)",
                $"within {S(Trainer.ReturnFloor)} or {Trainer.ReturnMultiple} times its median iteration, whichever is longer.",
                $"| Draining | {S(DrainLimit())}: the connection is closed |",
                $"after pauses of {S(Trainer.Restart.PauseMin)} doubling to {S(Trainer.Restart.PauseMax)}.",
                $"if a trainer has waited for its epoch for {S(Trainer.Restart.SettleTime)}.",
                $"less than {GiB(Trainer.SpareHeadroomBytes)} of memory is available;",
                $"| a started trainer's hello | {S(Trainer.StartLimit)} |",
                $"| the hello of an adopted trainer, or of a spare that took over | {S(Trainer.AdoptionLimit)} |",
                $"| answer to `stop` | {S(Trainer.StopLimit)} |",
                $"| the request for a restore point after `stopped` | {S(Trainer.ReturnFloor)}, or {Trainer.ReturnMultiple} x its median iteration |",
                $"after a host that stops said `exit` | {S(Trainer.ExitGrace)};",
                $"| failed starts in a row | {Trainer.Restart.FailedStartLimit - 1} | with the third: a problem that names log and cause; "
                    + $"pauses of {S(Trainer.Restart.PauseMin)} doubling to {S(Trainer.Restart.PauseMax)} until a step is finished |",
                $"| the start of a process | {S(Trainer.LaunchLimit)} |",
                $"| the end of a killed process | {S(Trainer.KillLimit)} |",
                $"| a log file | {MiB(TrainerLogs.MaxLogBytes)} when a trainer starts |",
            ],
            Others =
            [
                (PageNumbersTests.OfTheTrainer, "Such a trainer tries to connect every 100 ms"),
                (PageNumbersTests.OfTheTrainer, "After 60 s without a silo the trainer exits"),
                (PageNumbersTests.Private, "| exit after the socket ended; exit after a host that stops said `exit` | 2 s; 5 s |"),
                (PageNumbersTests.Measured, "| costs | about 0.3 GB of memory;"),
                (PageNumbersTests.Measured, "*Cost:* 0.1 % of a core"),
            ],
        },
    ];

    private static string Limit(Fault fault)
    {
        var (usual, fast) = (Faults.LimitOf(fault, TimingProfile.Default), Faults.LimitOf(fault, TimingProfile.Fast));
        return usual == fast ? S(usual) : $"{S(usual)} / {S(fast)}";
    }

    private static int Share(KillTarget kind, int hosts = 1) => Enumerable.Range(0, 100).Select(dice => ChaosStrike.Next(new LoadedDice(dice)))
        .Count(strike => strike.Kind == kind && strike.Hosts == hosts);

    private static TimeSpan DrainLimit()
    {
        var life = new LifeOf().Trains().On(new Signalled(LifeOf.ProcessId), new Looked(HasEnded: true, IsLockHeld: false));
        return life.Now.Deadline!.Value - life.Time;
    }

    /// <summary>Each number is the same, if it is in the range.</summary>
    private sealed class LoadedDice(int number) : Random
    {
        public override int Next(int maxValue) => Math.Min(number, maxValue - 1);
    }
}
