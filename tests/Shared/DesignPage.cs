using System.Text.RegularExpressions;

namespace Gemini.Testing;

/// <summary>
/// A page whose numbers are those of the code. A number with a unit stands in it only inside a fragment that a test composes from the constant, or
/// inside a fragment that a test lists as no constant, with the reason. So a new number fails the test until somebody connects it with the code.
/// </summary>
/// <param name="Path">From the root of the repository.</param>
public sealed partial record DesignPage(string Path)
{
    /// <summary>The paths of all pages whose numbers are checked.</summary>
    public static IEnumerable<string> All =>
    [
        .. Directory.EnumerateFiles(Repository.Root, "DESIGN.md", SearchOption.AllDirectories)
            .Select(page => System.IO.Path.GetRelativePath(Repository.Root, page)),
        "Gemini.Interfaces/Wire/WIRE.md", "Gemini.Interfaces/SharedMemory/SEGMENT.md", "Gemini.Interfaces/SharedMemory/NETWORK.md",
        "docs/assumptions.md", "docs/glossary.md", "deploy/hosts/README.md", "deploy/kubernetes/README.md",
    ];

    /// <summary>Fragments of the page, composed from constants and defaults. Each is in the page exactly once; any white space matches any other.</summary>
    public string[] FromTheCode { get; init; } = [];

    /// <summary>Fragments whose numbers are not compared here, with the reason.</summary>
    public (string Reason, string Fragment)[] Others { get; init; } = [];

    /// <summary>Checks the fragments only. For a page whose other numbers another test project checks.</summary>
    public void AssertFragments() => AssertNone(Drifts(Text()));

    public void AssertAllNumbers()
    {
        var text = Text();
        AssertNone(Drifts(text).Concat(Strangers(text)));
    }

    private static void AssertNone(IEnumerable<string> problems) => Assert.True(!problems.Any(), string.Join('\n', problems));

    private IEnumerable<string> Drifts(string text) => Fragments().Select(fragment => (fragment, Places(fragment, text).Count)).Where(found => found.Count != 1)
        .Select(found => $"{Path} has this fragment {found.Count} times and not once; correct the page, or its table in PageNumbersTests: {found.fragment}");

    private IEnumerable<string> Strangers(string text)
    {
        var known = Fragments().SelectMany(fragment => Places(fragment, text)).ToList();
        return Number().Matches(text)
            .Where(number => !known.Exists(place => place.Index <= number.Index && number.Index + number.Length <= place.Index + place.Length))
            .Select(number => $"{Path}:{text.AsSpan(0, number.Index).Count('\n') + 1}: {WhiteSpace().Replace(number.Value, " ")} is compared with no constant. In the page, "
                + "name the setting instead; or, in the page's table in PageNumbersTests, compose its sentence from the constant, or list it under Others with the reason.");
    }

    private IEnumerable<string> Fragments() => FromTheCode.Concat(Others.Select(other => other.Fragment));

    private static MatchCollection Places(string fragment, string text) => Regex.Matches(text, string.Join(@"\s+", fragment.Split(' ').Select(Regex.Escape)));

    private string Text() => File.ReadAllText(Repository.PathOf(Path));

    [GeneratedRegex(@"\d(?:[\d,.]*\d)?\s*(?:%|(?:ms|s|min|h|[KMGT]i?B|bytes?|times|seconds?|minutes?|hours?|days?)\b)")]
    private static partial Regex Number();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
