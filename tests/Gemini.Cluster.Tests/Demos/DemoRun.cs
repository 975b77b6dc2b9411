using System.Globalization;
using System.Text.RegularExpressions;
using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>
/// One <c>gemini demo</c> in its own folders: its output, its report, and the checks that hold at the end of every demo. It reads what the demo prints
/// and writes, with none of the program's own types, as a user's script would.
/// </summary>
internal sealed partial class DemoRun : IDisposable
{
    private DemoRun(TestFolders folders, IEnumerable<string> arguments)
    {
        Folders = folders;
        Process = GeminiProcess.Start(folders,
            ["demo", .. arguments, "--memory", folders.Memory, "--logs", folders.Logs, "--report", ReportPath]);
    }

    public TestFolders Folders { get; }

    public WatchedProcess Process { get; }

    /// <summary>The storage directory of a demo with storage.</summary>
    public string Storage => StorageIn(Folders);

    private string ReportPath => Path.Combine(Folders.Root, "report.json");

    /// <param name="arguments">Options of the demo in one text, besides its folders.</param>
    /// <param name="storage">Whether snapshots are persisted, to <see cref="Storage"/>.</param>
    /// <param name="test">Used to name the test's processes.</param>
    public static DemoRun Start(string arguments, bool storage = false, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        var folders = new TestFolders(test);
        var options = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new DemoRun(folders, storage ? [.. options, "--storage", StorageIn(folders)] : options);
    }

    /// <summary>Waits until the demo ends successfully and leaves nothing behind. Returns its report.</summary>
    public async Task<DemoReport> SucceedAsync()
    {
        var exitCode = await Process.ExitAsync(Limits.Demo);
        Assert.True(exitCode == 0, $"Exit code {exitCode}.\n{Process.Describe()}");
        await Leftovers.AssertNoneAsync(Folders, Limits.Stop);
        var report = DemoReport.Load(ReportPath);
        var words = File.ReadAllText(ReportPath).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(' ', words));
        Assert.Empty(Process.Errors.All);
        return report;
    }

    public Task<(int Index, string Line)> WaitForLineAsync(string part, TimeSpan limit, int from = 0) =>
        Process.WaitForLineAsync(line => line.Contains(part, StringComparison.Ordinal), $"'{part}' in the output", limit, from);

    /// <summary>Waits until every rank trains and has finished this iteration.</summary>
    public async Task<int> WaitForIterationAsync(long iteration)
    {
        var (index, _) = await Process.WaitForLineAsync(
            line => Milestone().Match(line) is { Success: true } match && Number(match.Groups[1]) >= iteration, $"iteration {iteration}", Limits.Start);
        return index;
    }

    /// <summary>Waits for a line that shows changed processes of a host which satisfy the condition.</summary>
    public async Task<HostProcesses> WaitForProcessesAsync(string host, Func<HostProcesses, bool> condition, string what, int from = 0)
    {
        var (_, line) = await Process.WaitForLineAsync(
            line => Parse(line) is { } processes && processes.Host == host && condition(processes), $"{host}: {what}", Limits.Recovery, from);
        return Parse(line)!;
    }

    /// <summary>The processes of a host as last printed. Its trainer must be known.</summary>
    public HostProcesses ProcessesOf(string host)
    {
        var last = Process.Output.All.Select(Parse).OfType<HostProcesses>().Last(processes => processes.Host == host);
        Assert.NotEqual(0, last.Trainer);
        return last;
    }

    /// <summary>
    /// The iteration that the demo had reported as committed when it printed the line at this index; 0 if none. After a later failure the job must
    /// not go back further, even on a busy machine.
    /// </summary>
    public long CommittedBefore(int index) => Process.Output.All.Take(index)
        .Select(line => Commit().Match(line)).Where(match => match.Success).Select(match => Number(match.Groups[1])).LastOrDefault();

    /// <summary>Like <see cref="CommittedBefore"/>, at the moment of a kill that the demo makes itself.</summary>
    public long CommittedBeforeKillOf(string host) => CommittedBefore(Process.Output.All.ToList().FindIndex(line =>
        line.Contains("KILL", StringComparison.Ordinal) && line.Contains($" of {host} in iteration", StringComparison.Ordinal)));

    /// <summary>The hosts on which the root agent ran, in order.</summary>
    public IReadOnlyList<string> RootHosts() =>
        [.. Process.Output.All.Select(line => RootHost().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value)];

    public void Dispose()
    {
        Process.Dispose();
        Folders.Dispose();
    }

    private static string StorageIn(TestFolders folders) => Path.Combine(folders.Root, "storage");

    private static HostProcesses? Parse(string line) => Processes().Match(line) is { Success: true } match
        ? new HostProcesses(match.Groups[1].Value, (int)Number(match.Groups[2]), match.Groups[3].Success ? (int)Number(match.Groups[3]) : 0)
        : null;

    private static long Number(Group group) => long.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\] (\S+): silo pid (\d+)(?:, trainer pid (\d+))?$")]
    private static partial Regex Processes();

    [GeneratedRegex(@"\] iteration \d+/.* committed (\d+) ")]
    private static partial Regex Commit();

    [GeneratedRegex(@"\] iteration (\d+)/")]
    private static partial Regex Milestone();

    [GeneratedRegex(@"\] root agent runs on (\S+)$")]
    private static partial Regex RootHost();
}
