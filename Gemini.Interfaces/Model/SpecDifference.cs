namespace Gemini.Interfaces.Model;

/// <summary>One property in which two specifications of a job differ.</summary>
/// <param name="Property">Its name in a host's configuration, such as "job.replicas".</param>
/// <param name="Here">Its value in the specification that was asked.</param>
/// <param name="There">Its value in the other one.</param>
/// <param name="MustAgree">Whether a host with this difference is refused.</param>
public sealed record SpecDifference(string Property, string Here, string There, bool MustAgree)
{
    /// <summary>One line that has the property and both values.</summary>
    /// <param name="differences">As <see cref="JobSpec.DifferencesTo"/> gives them.</param>
    /// <param name="here">Whose specification was asked, such as "in this host's configuration".</param>
    /// <param name="there">Whose the other one is.</param>
    public static string Describe(IEnumerable<SpecDifference> differences, string here, string there) => string.Join("; ", differences.Select(
        difference => $"{difference.Property} is {Text(difference.Here)} {here} and {Text(difference.There)} {there}"));

    private static string Text(string value) => value.Length == 0 ? "absent" : $"\"{value}\"";
}
