using Gemini.Silo.Configuration;

namespace Gemini.Cluster.Tests.Harness;

/// <summary>The built <c>gemini</c> program, started as a user starts it.</summary>
internal static class GeminiProcess
{
    /// <summary>The program of the same build as these tests, from the folder beside theirs in the artifacts tree.</summary>
    public static string Path { get; } = Sibling("Gemini.Silo", "gemini");

    /// <summary>The trainer's program, found as <c>gemini</c> finds it.</summary>
    public static string TrainerPath { get; } = TrainerLocator.Locate(new TrainerConfiguration());

    /// <summary>The sample of a user's own loop, built as a user builds it: without a runtime identifier.</summary>
    public static string SamplePath { get; } = Sibling("MyLoop", "MyLoop", withRuntime: false);

    public static WatchedProcess Start(TestFolders folders, params IEnumerable<string> arguments) => WatchedProcess.Start(folders, Path, arguments);

    private static string Sibling(string project, string program, bool withRuntime = true)
    {
        var output = System.IO.Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var pivot = System.IO.Path.GetFileName(output);
        if (!withRuntime) pivot = pivot.Split('_')[0];
        return System.IO.Path.GetFullPath(System.IO.Path.Combine(output, "../..", project, pivot, program));
    }
}
