using System.Text.RegularExpressions;

namespace Gemini.Grains.Hosting;

/// <summary>
/// Tells a failure that is new from one that goes on, so that a loop says each once, however often it tries. Numbers in the message
/// are no news: times and counts differ every time. Used by one caller at a time.
/// </summary>
public sealed partial class FailureChange
{
    private string _last = "";

    /// <summary>Whether the last attempt failed.</summary>
    public bool IsFailing => _last.Length > 0;

    /// <summary>Whether this is another failure than the last one, or the first one.</summary>
    public bool IsNews(Exception failure)
    {
        var before = _last;
        _last = Digits().Replace($"{failure.GetType().Name}: {failure.Message}", "");
        return _last != before;
    }

    /// <summary>An attempt worked. Returns whether that is news.</summary>
    public bool Ends()
    {
        var isNews = IsFailing;
        _last = "";
        return isNews;
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
