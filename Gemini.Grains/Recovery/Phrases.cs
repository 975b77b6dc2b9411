namespace Gemini.Grains.Recovery;

/// <summary>Words for people that do not grow with the job.</summary>
internal static class Phrases
{
    private const int Most = 5;

    /// <summary>The first few of the items, and how many more there are; empty without any.</summary>
    public static string Some(List<string> items)
    {
        var text = string.Join(", ", items.Take(Most));
        return items.Count <= Most ? text : $"{text} and {items.Count - Most} more";
    }
}
