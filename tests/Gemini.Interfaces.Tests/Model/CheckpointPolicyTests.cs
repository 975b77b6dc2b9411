using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Tests.Model;

public sealed class CheckpointPolicyTests
{
    /// <summary>What distinguishes the modes, in a form that a reader can check at a glance.</summary>
    [Theory]
    [InlineData(CheckpointMode.Gemini, "captures, memory, marked, idle spans, 10 skips")]
    [InlineData(CheckpointMode.Marked, "captures, memory, marked")]
    [InlineData(CheckpointMode.Naive, "captures, memory")]
    [InlineData(CheckpointMode.Unpipelined, "captures, memory, marked, idle spans, 10 skips, after capture")]
    [InlineData(CheckpointMode.Blocking, "captures, memory, marked, Committed")]
    [InlineData(CheckpointMode.None, "marked")]
    [InlineData(CheckpointMode.Strawman, "captures, marked, Staged")]
    [InlineData(CheckpointMode.HighFreq, "captures, marked, Staged, stores always")]
    public void Of_EachMode(CheckpointMode mode, string expected)
    {
        var policy = CheckpointPolicy.Of(mode);
        var text = new[]
        {
            policy.Captures ? "captures" : "", policy.RecoversFromMemory ? "memory" : "", policy.IsMarked ? "marked" : "",
            policy.WaitsForIdleSpans ? "idle spans" : "", policy.ExpectedSkips > 0 ? $"{policy.ExpectedSkips} skips" : "", policy.WaitsForCapture ? "after capture" : "",
            policy.SaveWait == SaveWait.Nothing ? "" : policy.SaveWait.ToString(), policy.StoresAlways ? "stores always" : "",
        };
        Assert.Equal(expected, string.Join(", ", text.Where(part => part.Length > 0)));
    }

    [Fact]
    public void Of_UnknownMode_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => CheckpointPolicy.Of((CheckpointMode)99));

    /// <summary>A record of an earlier version names no mode, and its job sends replicas at once.</summary>
    [Fact]
    public void ModeOfARecordWithoutOne_IsMarked() => Assert.Equal(CheckpointMode.Marked, default);
}
