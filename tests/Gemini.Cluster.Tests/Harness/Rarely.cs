namespace Gemini.Cluster.Tests.Harness;

/// <summary>
/// The trait of explicit tests that do not run for every change: those whose subject a shorter test or the simulation covers too, or that take minutes.
/// They run before a release: <c>dotnet test --project tests/Gemini.Cluster.Tests -c Release --explicit only</c>.
/// </summary>
internal static class Rarely
{
    public const string Trait = "Run";
    public const string Value = "rarely";
}
