using System.Text.RegularExpressions;

namespace Gemini.Grains.Hosting;

/// <summary>
/// Tells a new failure from one that continues, so that a loop logs each failure once, however often it tries. Numbers in the message are ignored,
/// because times and counts differ every time. Used by one caller at a time.
/// </summary>
public sealed partial class FailureChange
{
    private string _last = "";

    /// <summary>Whether the last attempt failed.</summary>
    public bool IsFailing => _last.Length > 0;

    /// <summary>Whether this failure differs from the last one, or is the first.</summary>
    public bool IsNews(Exception failure)
    {
        var before = _last;
        _last = Digits().Replace($"{failure.GetType().Name}: {failure.Message}", "");
        return _last != before;
    }

    /// <summary>An attempt succeeded. Returns true if the attempt before it had failed.</summary>
    public bool Ends()
    {
        var isNews = IsFailing;
        _last = "";
        return isNews;
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
