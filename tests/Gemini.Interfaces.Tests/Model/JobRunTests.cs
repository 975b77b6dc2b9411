using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Tests.Model;

public sealed class JobRunTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 9, 8, 7, TimeSpan.Zero);
    private static readonly JobSpec Job = new() { Name = "job", Hosts = [new("a"), new("b"), new("c")], RanksPerHost = 4 };

    [Fact]
    public void Begin_LaterByAMillisecond_IsGreater()
    {
        var runs = Enumerable.Range(0, 20).Select(index => JobRun.Begin(Job, Start.AddMilliseconds(index))).ToList();
        Assert.Equal(runs, runs.AsEnumerable().Reverse().Order());
        Assert.All(runs, run => Assert.Equal((12, false), (run.WorldSize, run.IsUnknown)));
    }

    [Fact]
    public void Begin_AtTheSameTime_IsAnotherRun() => Assert.NotEqual(JobRun.Begin(Job, Start), JobRun.Begin(Job, Start));

    [Fact]
    public void Unknown_IsBeforeEveryRunAndSaysSo()
    {
        Assert.Equal((true, "unknown"), (default(JobRun).IsUnknown, default(JobRun).ToString()));
        Assert.True(default(JobRun).CompareTo(JobRun.Begin(Job, Start)) < 0);
        Assert.Equal("00112233445566778899aabbccddeeff", new JobRun(new Guid("00112233-4455-6677-8899-aabbccddeeff"), 1).ToString());
    }
}
