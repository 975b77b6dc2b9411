using System.Text.RegularExpressions;

namespace Gemini.Silo.Status;

/// <summary>Small rules for the texts of the status.</summary>
internal static partial class StatusText
{
    /// <summary>A person does not read more names than this.</summary>
    private const int NamesMax = 8;

    /// <summary>
    /// Messages of hosts and trainers are whole sentences, and the status joins them. So a full stop before another mark is removed, and so is the
    /// one at the end.
    /// </summary>
    public static string Tidy(string text) => StopBeforeMark().Replace(text.ReplaceLineEndings(" "), "").Trim();

    /// <summary>The first few names, and how many more there are.</summary>
    public static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        var text = string.Join(", ", all.Take(NamesMax));
        return all.Count > NamesMax ? $"{text} and {all.Count - NamesMax} more" : text;
    }

    /// <summary>Does not match the last of three dots, which mean that something is left out.</summary>
    [GeneratedRegex(@"(?<!\.)\.{1,2}(?=\s*[;:,)]|\s*$)")]
    private static partial Regex StopBeforeMark();
}
