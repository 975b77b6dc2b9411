using System.Globalization;
using System.Text.RegularExpressions;
using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.BadInput;

/// <summary>Bad input gives one line that names the fix, and no process or file is left.</summary>
public sealed partial class DemoBadInputTests
{
    [Theory]
    [InlineData("--model gpt2-huge", "--model gpt2-huge is unknown; known are: gpt2-nano, gpt2-tiny")]
    [InlineData("--hosts 2 --replicas 3", "--replicas is 3, but there are only 2 hosts and no host keeps two copies of a shard; use at most 2")]
    [InlineData("--data /no/such/text", "--data /no/such/text does not exist; give a text file or a folder")]
    [InlineData("--iterations 20 --kill trainer:host-1@21", "trainer:host-1@21 is outside of the run, which has iterations 1 to 20; choose one of them")]
    [InlineData("--kill host:host-9@5", "host:host-9@5 names an unknown host; this demo has host-0 to host-4")]
    [InlineData("--kill host-1@5", "--kill host-1@5 is not WHAT:HOST@ITERATION")]
    [InlineData("--kill none --kill trainer:host-1@5", "leave one of them out")]
    [InlineData("--iterations 0", "--iterations is 0, but a run has at least 1 iteration")]
    [InlineData("--iterations many", "Try: gemini demo --help")]
    [InlineData("--trainer /no/such/trainer", "/no/such/trainer")]
    [InlineData("--iteration 20", "'--iteration' is no command or option. Try: gemini demo --help")]
    public async Task Demo_CannotWork_SaysWhatToDo(string options, string expected)
    {
        using var folders = new TestFolders();
        var line = await FailAsync(folders, folders.Memory, options);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_ModelLargerThanTheMemory_SaysHowManyBytesAreNeededAndThere()
    {
        using var folders = new TestFolders();
        AssertBytes(await FailAsync(folders, folders.Memory, "--model gpt2-100b"), needAtLeast: 4_000_000_000_000);
    }

    [Fact]
    public async Task Demo_SmallTmpfs_SaysHowManyBytesAreNeededAndThere()
    {
        const int TmpfsBytes = 1 << 20;
        using var folders = new TestFolders();
        using var disk = SmallDisk.Mount(string.Create(CultureInfo.InvariantCulture, $"size={TmpfsBytes}"));
        var there = AssertBytes(await FailAsync(folders, disk.Path, "--model gpt2-nano"), needAtLeast: TmpfsBytes);
        Assert.InRange(there, 0, TmpfsBytes);
    }

    [Fact]
    public async Task Demo_TrainerDiesAtStart_SaysSoAndStopsTheHosts()
    {
        using var folders = new TestFolders();
        var line = await FailAsync(folders, folders.Memory, "--model gpt2-nano --hosts 1 --replicas 1 --standby 0 --kill none --trainer /bin/false");
        Assert.Matches(FailedStarts(), line);
        Assert.Contains("trainer-0.err.log", line, StringComparison.Ordinal);
    }

    /// <summary>Runs a demo that fails. Returns the one line that it prints about the failure.</summary>
    private static async Task<string> FailAsync(TestFolders folders, string memory, string options)
    {
        using var process = GeminiProcess.Start(folders, ["demo", .. options.Split(' '), "--memory", memory, "--logs", folders.Logs]);
        Assert.NotEqual(0, await process.ExitAsync(Limits.BadInput));
        await Leftovers.AssertNoneAsync(folders, TimeSpan.FromSeconds(1));
        return Assert.Single(process.Errors.All);
    }

    /// <summary>Returns the number of free bytes in the line.</summary>
    private static long AssertBytes(string line, long needAtLeast)
    {
        var match = Bytes().Match(line);
        Assert.True(match.Success, line);
        Assert.InRange(long.Parse(match.Groups["need"].Value, CultureInfo.InvariantCulture), needAtLeast, long.MaxValue);
        Assert.Contains("use fewer replicas or a smaller model", line, StringComparison.Ordinal);
        return long.Parse(match.Groups["there"].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// The verdict comes after three failed starts. The host tries again while the root agent waits for it, so the number may be higher.
    /// </summary>
    [GeneratedRegex(@"failed \d+ times in a row before its first step; the last time it ended with exit code 1\.")]
    private static partial Regex FailedStarts();

    [GeneratedRegex(@"has (?<there>\d+) bytes \([^)]*\) free, but the job needs (?<need>\d+) bytes")]
    private static partial Regex Bytes();
}
