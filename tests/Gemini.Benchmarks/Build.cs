using System.Reflection;

namespace Gemini.Benchmarks;

/// <summary>What was measured.</summary>
internal static class Build
{
    private const int CommitLength = 8;

    /// <summary>The commit that this program was built from, shortened; "unknown" outside a repository.</summary>
    public static string Commit { get; } =
        typeof(Build).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, { Length: >= CommitLength } commit]
            ? commit[..CommitLength]
            : "unknown";
}
