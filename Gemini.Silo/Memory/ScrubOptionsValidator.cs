using Gemini.Silo.Registration;

namespace Gemini.Silo.Memory;

/// <summary>The rules of the section "advanced.scrub".</summary>
internal static class ScrubOptionsValidator
{
    public static IReadOnlyList<string> Validate(ScrubOptions options)
    {
        var (rules, usual) = (new SectionRules("advanced.scrub"), new ScrubOptions());
        rules.Require(options.BytesPerSecond > 0, options.BytesPerSecond, $"must be above 0; use a number such as {usual.BytesPerSecond}");
        rules.Positive(options.Period, usual.Period);
        rules.NotNegative(options.IdleAge, usual.IdleAge);
        rules.Positive(options.LookPeriod, usual.LookPeriod);
        rules.NotNegative(options.RestLimit, usual.RestLimit);
        return rules.Problems;
    }
}
