using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Tests.Model;

/// <summary>Texts that people read in the status, and that fingerprints contain.</summary>
public sealed class TextTests
{
    public static TheoryData<StoragePolicy, string> Policies => new()
    {
        { StoragePolicy.Strawman, "every 10800 s, keep 2" },
        { StoragePolicy.HighFreq, "every 0 s, keep 2" },
        { new StoragePolicy { Every = TimeSpan.FromMilliseconds(1500), Keep = 1 }, "every 1.5 s, keep 1" },
        { new StoragePolicy { EveryIterations = 1 }, "every 1 iterations, keep 2" },
        { new StoragePolicy { EveryIterations = -1 }, "every 10800 s, keep 2" },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public void Policy_Text(StoragePolicy policy, string text) => Assert.Equal(text, policy.ToString());

    [Fact]
    public void Policy_Baselines_AreThePapers()
    {
        var strawman = StoragePolicy.Strawman;
        Assert.Equal((TimeSpan.FromHours(3), 0L, 2), (strawman.Every, strawman.EveryIterations, strawman.Keep));
        Assert.Equal(TimeSpan.Zero, StoragePolicy.HighFreq.Every);
    }

    public static TheoryData<MachineRequestState, int, string, string, string> Requests => new()
    {
        { MachineRequestState.Pausing, 0, "", "", "h is missing; a machine is requested if the host is not back within 90.5 s" },
        { MachineRequestState.Pausing, 2, "exit code 1", "", "attempt 2 to get h failed: exit code 1; next attempt after 90.5 s" },
        { MachineRequestState.Asked, 1, "", "", "h is requested, attempt 1" },
        { MachineRequestState.Asked, 3, "old answer", "pod deleted", "h is requested, attempt 3: pod deleted" },
        { MachineRequestState.Joining, 1, "", "a line", "h was started at attempt 1 and has not joined yet" },
        { MachineRequestState.Joining, 1, "node-7", "a line", "h was started at attempt 1 and has not joined yet: node-7" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void MachineRequest_Describe(MachineRequestState state, int attempt, string answer, string output, string text)
    {
        var request = new MachineRequest
        {
            Host = new HostName("h"),
            Reason = "x",
            State = state,
            Attempt = attempt,
            MissingSince = 1,
            Since = 1000,
            Until = 91_500,
            Answer = answer,
            Output = output,
        };
        Assert.Equal(text, request.Describe());
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(49, "0 s")]
    [InlineData(50, "0.1 s")]
    [InlineData(1000, "1 s")]
    [InlineData(3_600_000, "3600 s")]
    public void MachineRequest_Pause_HasAtMostOneDecimal(long milliseconds, string text)
    {
        var request = new MachineRequest { Host = new HostName("h"), Reason = "x", Until = milliseconds };
        Assert.EndsWith($"within {text}", request.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 7, 3)]
    [InlineData(10, 10, 0)]
    [InlineData(7, 10, 0)]
    [InlineData(0, 0, 0)]
    public void Recovery_IterationsLost_IsNeverNegative(long reached, long resumed, long lost)
    {
        var timeline = new RecoveryTimeline
        {
            Epoch = new Epoch(1),
            Reason = "x",
            Kind = FailureKind.Hardware,
            ReachedIteration = new Iteration(reached),
            ResumedIteration = new Iteration(resumed),
        };
        Assert.Equal((lost, 1), (timeline.IterationsLost, timeline.Attempts));
    }

    [Fact]
    public void Label_Text() => Assert.Equal("a:rack=r7", new HostLabel(new HostName("a"), "rack", "r7").ToString());

    /// <summary>Two directives are compared to find out whether anything has changed.</summary>
    [Fact]
    public void GuestCopies_WithEqualContent_AreEqual()
    {
        var replica = new Replica(new Rank(1), new SnapshotId(new Iteration(2), new Epoch(3)), new ContentHash(4), 5);
        GuestCopy Copy(params string[] sources) => new(replica, [.. sources.Select(source => new HostName(source))]);
        Assert.Equal(Copy("a", "b"), Copy("a", "b"));
        Assert.Equal(Copy("a", "b").GetHashCode(), Copy("a", "b").GetHashCode());
        Assert.NotEqual(Copy("a", "b"), Copy("b", "a"));
        Assert.NotEqual(Copy("a"), Copy("a", "b"));
        Assert.NotEqual(Copy("a"), Copy("a") with { Replica = replica with { Owner = new Rank(2) } });
        Assert.False(Copy().Equals(null));
    }
}
