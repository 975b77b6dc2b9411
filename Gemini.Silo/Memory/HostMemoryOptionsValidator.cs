using Gemini.Silo.Registration;

namespace Gemini.Silo.Memory;

/// <summary>The rules of the section "advanced.memory".</summary>
internal static class HostMemoryOptionsValidator
{
    public static IReadOnlyList<string> Validate(HostMemoryOptions options)
    {
        var rules = new SectionRules("advanced.memory");
        rules.Require(options.LimitBytes is null or > 0, options.LimitBytes, "must be above 0; leave it out for no configured limit");
        return rules.Problems;
    }
}
