using Gemini.Grains.Hosts;
using Gemini.Silo.Registration;

namespace Gemini.Silo.Trainers;

/// <summary>The rules of the sections "advanced.trainer" and "advanced.trainer.restart".</summary>
internal static class TrainerLimitsValidator
{
    public static IReadOnlyList<string> Validate(TrainerLimits limits)
    {
        var (rules, usual) = (new SectionRules("advanced.trainer"), new TrainerLimits());
        rules.Require(
            limits.SpareHeadroomBytes >= 0, limits.SpareHeadroomBytes, $"must be 0 or more; use a number such as {usual.SpareHeadroomBytes}");
        rules.Positive(limits.AdoptionLimit, usual.AdoptionLimit);
        rules.Positive(limits.StartLimit, usual.StartLimit);
        rules.Positive(limits.ExitGrace, usual.ExitGrace);
        rules.Positive(limits.LaunchLimit, usual.LaunchLimit);
        rules.Positive(limits.StopLimit, usual.StopLimit);
        rules.Positive(limits.KillLimit, usual.KillLimit);
        return [.. rules.Problems, .. Validate(limits.Restart)];
    }

    private static IReadOnlyList<string> Validate(RestartOptions options)
    {
        var (rules, usual) = (new SectionRules("advanced.trainer.restart"), new RestartOptions());
        rules.Require(
            options.FailedStartLimit >= 1, options.FailedStartLimit, $"must be 1 or more; use a number such as {usual.FailedStartLimit}");
        rules.Positive(options.PauseMin, usual.PauseMin);
        rules.Require(
            options.PauseMax >= options.PauseMin && options.PauseMax <= SectionRules.Longest, options.PauseMax,
            $"must be at least pauseMinSeconds, {options.PauseMin.TotalSeconds}, and at most a week; raise it");
        rules.Positive(options.SettleTime, usual.SettleTime);
        return rules.Problems;
    }
}
