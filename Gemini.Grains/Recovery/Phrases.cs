namespace Gemini.Grains.Recovery;

/// <summary>Texts for people whose length does not grow with the job.</summary>
internal static class Phrases
{
    private const int Most = 5;

    /// <summary>The first five items, and the number of further ones; empty if there is no item.</summary>
    public static string Some(List<string> items)
    {
        var text = string.Join(", ", items.Take(Most));
        return items.Count <= Most ? text : $"{text} and {items.Count - Most} more";
    }
}
