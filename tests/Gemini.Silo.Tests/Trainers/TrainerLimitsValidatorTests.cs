using Gemini.Grains.Hosts;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>The rules of the sections "advanced.trainer" and "advanced.trainer.restart".</summary>
public sealed class TrainerLimitsValidatorTests
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    [Fact]
    public void Defaults_AreSound() => Assert.Empty(TrainerLimitsValidator.Validate(new TrainerLimits()));

    [Fact]
    public void EveryBrokenRule_IsNamedWithItsFix()
    {
        var limits = new TrainerLimits
        {
            SpareHeadroomBytes = -1,
            AdoptionLimit = TimeSpan.Zero,
            StartLimit = TimeSpan.FromSeconds(-1),
            ExitGrace = TimeSpan.Zero,
            LaunchLimit = Week + TimeSpan.FromSeconds(1),
            StopLimit = TimeSpan.Zero,
            KillLimit = TimeSpan.Zero,
            Restart = new RestartOptions { FailedStartLimit = 0, PauseMin = TimeSpan.Zero, PauseMax = TimeSpan.FromSeconds(-1), SettleTime = TimeSpan.Zero },
        };
        Assert.Equal(
            [
                "advanced.trainer.spareHeadroomBytes is -1, but must be 0 or more; use a number such as 1073741824",
                "advanced.trainer.adoptionLimitSeconds is 0, but must be above 0 and at most a week; use a number such as 10",
                "advanced.trainer.startLimitSeconds is -1, but must be above 0 and at most a week; use a number such as 120",
                "advanced.trainer.exitGraceSeconds is 0, but must be above 0 and at most a week; use a number such as 2",
                "advanced.trainer.launchLimitSeconds is 604801, but must be above 0 and at most a week; use a number such as 10",
                "advanced.trainer.stopLimitSeconds is 0, but must be above 0 and at most a week; use a number such as 5",
                "advanced.trainer.killLimitSeconds is 0, but must be above 0 and at most a week; use a number such as 5",
                "advanced.trainer.restart.failedStartLimit is 0, but must be 1 or more; use a number such as 3",
                "advanced.trainer.restart.pauseMinSeconds is 0, but must be above 0 and at most a week; use a number such as 1",
                "advanced.trainer.restart.pauseMaxSeconds is -1, but must be at least pauseMinSeconds, 0, and at most a week; raise it",
                "advanced.trainer.restart.settleTimeSeconds is 0, but must be above 0 and at most a week; use a number such as 60",
            ],
            TrainerLimitsValidator.Validate(limits));
    }

    /// <summary>The smallest and the largest values that are still allowed.</summary>
    [Fact]
    public void Boundaries_AreSound()
    {
        var tick = TimeSpan.FromTicks(1);
        Assert.Empty(TrainerLimitsValidator.Validate(new TrainerLimits
        {
            SpareHeadroomBytes = 0,
            AdoptionLimit = tick,
            StartLimit = Week,
            ExitGrace = tick,
            LaunchLimit = Week,
            StopLimit = tick,
            KillLimit = Week,
            Restart = new RestartOptions { FailedStartLimit = 1, PauseMin = Week, PauseMax = Week, SettleTime = tick },
        }));
    }

    [Fact]
    public void LongestPause_OfMoreThanAWeek_IsNamed() => Assert.Equal(
        "advanced.trainer.restart.pauseMaxSeconds is 604801, but must be at least pauseMinSeconds, 1, and at most a week; raise it",
        Assert.Single(TrainerLimitsValidator.Validate(
            new TrainerLimits { Restart = new RestartOptions { PauseMax = Week + TimeSpan.FromSeconds(1) } })));
}
