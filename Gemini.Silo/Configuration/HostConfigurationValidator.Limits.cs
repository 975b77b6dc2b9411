using Gemini.Grains.Health;
using Gemini.Grains.Recovery;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Registration;
using Gemini.Silo.Trainers;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Configuration;

// How long things may take: the sections "health" and "advanced".
public static partial class HostConfigurationValidator
{
    private static void CheckHealth(HostConfiguration configuration, List<string> problems)
    {
        var health = configuration.Health;
        if (!(health.StuckMultiple > 1))
            problems.Add($"health.stuckMultiple is {health.StuckMultiple}, but a normal iteration takes 1 median; use more than 1, such as 5");
        CheckWait("stuckFloorSeconds", health.StuckFloor, "a step needs time, and at most a week; use a number such as 10", problems);
        if (health.LoadLimit < health.StuckFloor || health.LoadLimit > SectionRules.Longest)
        {
            problems.Add($"health.loadLimitSeconds is {health.LoadLimit.TotalSeconds}, but loading takes longer than a step; "
                + $"use at least health.stuckFloorSeconds, {health.StuckFloor.TotalSeconds}, and at most a week");
        }

        CheckWait("siloGraceSeconds", health.SiloGrace, "a silo needs time to come back, and at most a week; use a number such as 30", problems);
        CheckWait("startLimitSeconds", health.StartLimit, "a trainer needs time to come up, and at most a week; use a number such as 120", problems);
        CheckWait("problemGraceSeconds", health.ProblemGrace, "a problem may pass by itself, within at most a week; use a number such as 10", problems);
        CheckSteps(health, configuration.Advanced.Trainer, problems);
        CheckCommits(health, configuration.Advanced.Recovery, problems);
        CheckAttempts(health, problems);
    }

    private static void CheckWait(string name, TimeSpan time, string why, List<string> problems)
    {
        if (time <= TimeSpan.Zero || time > SectionRules.Longest) problems.Add($"health.{name} is {time.TotalSeconds}, but {why}");
    }

    /// <summary>How long a healthy host may take for a step of a recovery.</summary>
    private static void CheckSteps(HealthOptions health, TrainerLimits trainer, List<string> problems)
    {
        var (rules, usual) = (new SectionRules("health"), new HealthOptions());
        rules.Positive(health.LostPeerGrace, usual.LostPeerGrace);
        rules.Positive(health.FormingLimit, usual.FormingLimit);
        rules.NotNegative(health.RestartGrace, usual.RestartGrace);
        var stop = trainer.StopLimit + trainer.KillLimit;
        rules.Require(
            health.StopLimit >= stop && health.StopLimit <= SectionRules.Longest, health.StopLimit,
            $"a host takes advanced.trainer.stopLimitSeconds and killLimitSeconds, {stop.TotalSeconds} together, to end a trainer that does not answer; "
            + "use at least that, and at most a week");
        rules.Require(
            health.CopyRateFloorBytesPerSecond >= 1000, health.CopyRateFloorBytesPerSecond,
            $"must be at least 1000; use a number such as {usual.CopyRateFloorBytesPerSecond}");
        rules.Require(
            health.StorageRateFloorBytesPerSecond >= 1000, health.StorageRateFloorBytesPerSecond,
            $"must be at least 1000; use a number such as {usual.StorageRateFloorBytesPerSecond}");
        rules.Positive(health.StepSlack, usual.StepSlack);
        var least = TimeSpan.FromSeconds(Math.Max(health.LoadLimit.TotalSeconds, (health.StartLimit + health.StepSlack).TotalSeconds));
        rules.Require(
            health.StepCeiling >= least && health.StepCeiling <= SectionRules.Longest, health.StepCeiling,
            $"it is the longest of the limits, and without any bytes they are up to {least.TotalSeconds}; use at least that, and at most a week");
        problems.AddRange(rules.Problems);
    }

    /// <summary>When a commit that does not complete is abandoned.</summary>
    private static void CheckCommits(HealthOptions health, CoordinatorOptions recovery, List<string> problems)
    {
        var (healthRules, recoveryRules, usual) = (new SectionRules("health"), new SectionRules("advanced.recovery"), new CoordinatorOptions());
        recoveryRules.Positive(recovery.StuckSnapshotLimit, usual.StuckSnapshotLimit);
        recoveryRules.Require(
            recovery.RetainedRecoveries >= 1, recovery.RetainedRecoveries, $"must be 1 or more; use a number such as {usual.RetainedRecoveries}");
        recoveryRules.Require(
            recovery.RetainedRecoveryDetails >= 0 && recovery.RetainedRecoveryDetails <= recovery.RetainedRecoveries, recovery.RetainedRecoveryDetails,
            $"must be from 0 to retainedRecoveries, {recovery.RetainedRecoveries}; use a number such as {usual.RetainedRecoveryDetails}");
        healthRules.Require(
            health.CommitFloor > recovery.StuckSnapshotLimit && health.CommitFloor <= SectionRules.Longest, health.CommitFloor,
            $"must be above advanced.recovery.stuckSnapshotLimitSeconds, {recovery.StuckSnapshotLimit.TotalSeconds}, and at most a week; "
            + $"use a number such as {usual.Health.CommitFloor.TotalSeconds}");
        healthRules.Require(
            health.CommitMultiple > 2, health.CommitMultiple, $"a healthy commit may take 2 iterations; use more, such as {usual.Health.CommitMultiple}");
        problems.AddRange([.. healthRules.Problems, .. recoveryRules.Problems]);
    }

    /// <summary>How the job reacts to attempts that fail.</summary>
    private static void CheckAttempts(HealthOptions health, List<string> problems)
    {
        var (rules, usual) = (new SectionRules("health"), new HealthOptions());
        rules.Require(health.CulpritAttempts >= 2, health.CulpritAttempts, $"must be 2 or more; use a number such as {usual.CulpritAttempts}");
        rules.NotNegative(health.AttemptPauseLimit, usual.AttemptPauseLimit);
        rules.Positive(health.SetbackPause, usual.SetbackPause);
        rules.Require(
            health.SetbackPauseLimit >= health.SetbackPause && health.SetbackPauseLimit <= SectionRules.Longest, health.SetbackPauseLimit,
            $"must be at least setbackPauseSeconds, {health.SetbackPause.TotalSeconds}, and at most a week; raise it");
        problems.AddRange(rules.Problems);
    }

    private static void CheckAdvanced(AdvancedConfiguration advanced, List<string> problems) => problems.AddRange(
    [
        .. HostMemoryOptionsValidator.Validate(advanced.Memory),
        .. ScrubOptionsValidator.Validate(advanced.Scrub),
        .. TransferOptionsValidator.Validate(advanced.Transfer),
        .. PersistenceOptionsValidator.Validate(advanced.Storage),
        .. TrainerLimitsValidator.Validate(advanced.Trainer),
    ]);
}
