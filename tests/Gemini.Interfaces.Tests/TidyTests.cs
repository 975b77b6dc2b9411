using System.Text.RegularExpressions;

namespace Gemini.Interfaces.Tests;

/// <summary>The house rules that a machine can check, over the repository's own sources.</summary>
public sealed partial class TidyTests
{
    private const int MaxFileLines = 500;
    private const int MaxLineLength = 160;

    /// <summary>A row of a scenario's table may be longer than code.</summary>
    private const int MaxTestLineLength = 185;

    private static readonly string[] Sources =
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/artifacts/", StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(Repository.Root, path)),
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
            // This test is about delays in virtual time.
            .Where(path => !path.EndsWith("/LoopTimeProviderTests.cs", StringComparison.Ordinal))
            .Where(path => Sleep().IsMatch(File.ReadAllText(Repository.PathOf(path))));
        Assert.Empty(sleepers);
    }

    /// <summary>Operators filter and count by event ids. So each number stands once in the tables, and each entry of a table is used by one message.</summary>
    [Fact]
    public void LogEvents_EachNumberIsInOneTableAndUsedOnce()
    {
        var product = Sources.Where(path => !path.StartsWith("tests/", StringComparison.Ordinal)).ToList();
        var entries = product.Where(path => path.EndsWith("/EventIds.cs", StringComparison.Ordinal))
            .SelectMany(path => EventIdEntry().Matches(File.ReadAllText(Repository.PathOf(path)))
                .Select(match => (Name: $"{Project(path)} EventIds.{match.Groups[1].Value}", Number: match.Groups[2].Value)))
            .ToList();
        Assert.True(entries.Count > 90);
        Assert.Empty(entries.GroupBy(entry => entry.Number).Where(same => same.Count() > 1).Select(same => same.Key));

        var used = product.SelectMany(path => LogEventId().Matches(File.ReadAllText(Repository.PathOf(path)))
            .Select(match => $"{Project(path)} {match.Groups[1].Value}"));
        Assert.Equal(entries.Select(entry => entry.Name).Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));

        static string Project(string path) => path[..path.IndexOf('/', StringComparison.Ordinal)];
    }

    /// <summary>
    /// The rooms (folders) of each project from the ground up. A room uses only rooms below it, in its own project and in the projects to which that
    /// project refers. So there is no circle, and the rooms of production (Hosting and below) do not know the lab and the command line.
    /// </summary>
    private static readonly string[] Floors =
    [
        "Interfaces.Files", "Interfaces.Model", "Interfaces.Presets", "Interfaces.Grains", "Interfaces.Drills", "Interfaces.SharedMemory", "Interfaces.Wire",
        "Grains.Placement.Plans", "Grains.Placement.Probability", "Grains.Placement.Domains", "Grains.Placement", "Grains.Scheduling", "Grains.Planning", "Grains.Hosting",
        "Grains.Commit", "Grains.Health", "Grains.Machines", "Grains.Persistence", "Grains.Recovery", "Grains.Hosts", "Grains.Root",
        "Silo.Registration", "Silo.Processes", "Silo.Sockets", "Silo.Memory", "Silo.Transfer", "Silo.Trainers", "Silo.Persistence",
        "Silo.Configuration", "Silo.Machines", "Silo.Hosting",
        "Silo.Forgetting", "Silo.Status",
        "Silo.Lab.Cluster", "Silo.Lab.Demo", "Silo.Lab.Recovery", "Silo.Lab.Matrix", "Silo.Lab.Chaos", "Silo.Lab.Detection",
        "Silo.Commands",
        "Trainer.Client.Native", "Trainer.Client.Collectives", "Trainer.Client.Checkpointing", "Trainer.Data", "Trainer.Models", "Trainer.Sharding",
    ];

    [Fact]
    public void Rooms_UseOnlyRoomsBelowThem()
    {
        var arrows = Sources
            .Where(path => path.StartsWith("Gemini.", StringComparison.Ordinal))
            .Select(path => File.ReadAllText(Repository.PathOf(path)))
            .Where(text => Namespace().IsMatch(text))
            .SelectMany(text => Using().Matches(text).Select(use => (From: Namespace().Match(text).Groups[1].Value, To: use.Groups[1].Value)))
            .Where(arrow => arrow.From != arrow.To && Floors.Contains(arrow.To))
            .Distinct()
            .ToList();
        Assert.NotEmpty(arrows);
        Assert.DoesNotContain(arrows, arrow => Floor(arrow.From) <= Floor(arrow.To));
        Assert.DoesNotContain(arrows, arrow => arrow.To.StartsWith("Silo.Lab.", StringComparison.Ordinal)
            && !arrow.From.StartsWith("Silo.Lab.", StringComparison.Ordinal) && arrow.From != "Silo.Commands");
    }

    [Fact]
    public void Namespaces_AreFolders()
    {
        var strays = Sources
            .Where(path => path.StartsWith("Gemini.", StringComparison.Ordinal))
            .Select(path => (Path: path, Namespace().Match(File.ReadAllText(Repository.PathOf(path))).Groups))
            .Where(file => file.Groups[0].Success && $"Gemini.{file.Groups[1].Value}" != Path.GetDirectoryName(file.Path)!.Replace('/', '.'));
        Assert.Empty(strays.Select(file => file.Path));
    }

    /// <summary>Rooms that are not listed (a project's own top folder) may use everything.</summary>
    private static int Floor(string room) => Array.IndexOf(Floors, room) is >= 0 and var floor ? floor : Floors.Length;

    private static int MaxLengthIn(string path) => path.StartsWith("tests/", StringComparison.Ordinal) ? MaxTestLineLength : MaxLineLength;

    private static string[] Lines(string path) => File.ReadAllLines(Repository.PathOf(path));

    [GeneratedRegex(@"\b(Task\.Delay|Thread\.Sleep)\(")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"^namespace Gemini\.([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (?:static )?Gemini\.([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId = )?([\w.]+)\s*,")]
    private static partial Regex LogEventId();

    [GeneratedRegex(@"const int (\w+) = (\d+);")]
    private static partial Regex EventIdEntry();
}
