namespace Gemini.Interfaces.Model;

/// <summary>One property in which two specifications of a job differ.</summary>
/// <param name="Property">Its name in a host's configuration, such as "job.replicas".</param>
/// <param name="Here">Its value in the specification whose differences were asked for.</param>
/// <param name="There">Its value in the other one.</param>
/// <param name="MustAgree">Whether a host with this difference is refused.</param>
public sealed record SpecDifference(string Property, string Here, string There, bool MustAgree)
{
    /// <summary>One line with the name and both values of each property.</summary>
    /// <param name="differences">As returned by <see cref="JobSpec.DifferencesTo"/>.</param>
    /// <param name="here">Where the first specification is from, such as "in this host's configuration".</param>
    /// <param name="there">Where the other one is from.</param>
    public static string Describe(IEnumerable<SpecDifference> differences, string here, string there) => string.Join("; ", differences.Select(
        difference => $"{difference.Property} is {Text(difference.Here)} {here} and {Text(difference.There)} {there}"));

    private static string Text(string value) => value.Length == 0 ? "absent" : $"\"{value}\"";
}
