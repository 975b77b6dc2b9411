using Gemini.Silo.Registration;

namespace Gemini.Silo.Persistence;

/// <summary>The rules of the section "advanced.storage".</summary>
internal static class PersistenceOptionsValidator
{
    public static IReadOnlyList<string> Validate(PersistenceOptions options)
    {
        var (rules, usual) = (new SectionRules("advanced.storage"), new PersistenceOptions());
        rules.Positive(options.RetryMin, usual.RetryMin);
        rules.Require(
            options.RetryMax >= options.RetryMin && options.RetryMax <= SectionRules.Longest, options.RetryMax,
            $"must be at least retryMinSeconds, {options.RetryMin.TotalSeconds}, and at most a week; raise it");
        rules.Positive(options.LookPeriod, usual.LookPeriod);
        rules.Positive(options.StallLimit, usual.StallLimit);
        rules.Positive(options.SlotWait, usual.SlotWait);
        return rules.Problems;
    }
}
