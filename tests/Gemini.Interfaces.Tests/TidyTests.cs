using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Gemini.Interfaces.Tests;

/// <summary>The house rules that a machine can check, over the repository's own sources.</summary>
public sealed partial class TidyTests
{
    private const int MaxFileLines = 500;
    private const int MaxLineLength = 160;

    /// <summary>A scenario's table row may be longer than code.</summary>
    private const int MaxTestLineLength = 185;

    private static readonly string Root = FindRoot();

    private static readonly string[] Sources =
    [
        .. Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/artifacts/", StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(Root, path)),
    ];

    [Fact]
    public void Files_AreShortEnoughToRead()
    {
        Assert.NotEmpty(Sources);
        Assert.DoesNotContain(Sources, path => Lines(path).Length > MaxFileLines);
    }

    [Fact]
    public void Lines_AreShortEnoughToRead() =>
        Assert.Empty(Sources.SelectMany(path => Lines(path).Where(line => line.Length > MaxLengthIn(path)).Select(line => $"{path}: {line.Trim()}")));

    [Fact]
    public void Tests_WaitForEventsAndNeverSleep()
    {
        var sleepers = Sources
            .Where(path => path.StartsWith("tests/", StringComparison.Ordinal))
            .Where(path => !path.EndsWith(nameof(TidyTests) + ".cs", StringComparison.Ordinal))
            .Where(path => Sleep().IsMatch(File.ReadAllText(Path.Combine(Root, path))));
        Assert.Empty(sleepers);
    }

    /// <summary>Ids are what operators filter and count by.</summary>
    [Fact]
    public void LogEvents_EachIdIsUsedOnce()
    {
        var ids = Sources
            .Where(path => !path.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(path => LogEventId().Matches(File.ReadAllText(Path.Combine(Root, path))).Select(match => match.Groups[1].Value))
            .ToList();
        Assert.NotEmpty(ids);
        Assert.Empty(ids.GroupBy(id => id).Where(uses => uses.Count() > 1).Select(uses => uses.Key));
    }

    private static int MaxLengthIn(string path) => path.StartsWith("tests/", StringComparison.Ordinal) ? MaxTestLineLength : MaxLineLength;

    private static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    private static string FindRoot([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../.."));

    [GeneratedRegex(@"\b(Task\.Delay|Thread\.Sleep)\(")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\[LoggerMessage\(\s*([\w.]+)\s*,")]
    private static partial Regex LogEventId();
}
