using System.Text.RegularExpressions;

namespace Gemini.Silo.Status;

/// <summary>Small rules of the texts that the status is made of.</summary>
internal static partial class StatusText
{
    /// <summary>More names than a person reads.</summary>
    private const int NamesMax = 8;

    /// <summary>
    /// What hosts and trainers say are whole sentences, and the status puts them together: the full stop in front of another mark, and
    /// the one at the end, go.
    /// </summary>
    public static string Tidy(string text) => StopBeforeMark().Replace(text.ReplaceLineEndings(" "), "").Trim();

    /// <summary>At most a few of them, and how many more there are.</summary>
    public static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        var text = string.Join(", ", all.Take(NamesMax));
        return all.Count > NamesMax ? $"{text} and {all.Count - NamesMax} more" : text;
    }

    /// <summary>Not the last of three, which leave something out.</summary>
    [GeneratedRegex(@"(?<!\.)\.{1,2}(?=\s*[;:,)]|\s*$)")]
    private static partial Regex StopBeforeMark();
}
