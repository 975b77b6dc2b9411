using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

public sealed class RestartPolicyTests
{
    private static readonly TrainerOptions Options = new() { Command = "x", LogDirectory = "x", Gateway = "x", ClusterId = "x", ServiceId = "x" };

    private readonly RestartPolicy _policy = new(Options);

    [Fact]
    public void DeathAfterAStep_RestartsAtOnceEveryTime()
    {
        for (var second = 0; second < 20; second++) Assert.Equal((TimeSpan.Zero, false), Die(second * 0.1, finishedAStep: true));
    }

    [Fact]
    public void ThirdQuickDeath_IsAProblemAndPauses()
    {
        Assert.Equal((TimeSpan.Zero, false), Die(0));
        Assert.Equal((TimeSpan.Zero, false), Die(1));
        Assert.Equal((Options.QuickDeathPause, true), Die(2));
        Assert.Equal((Options.QuickDeathPause, true), Die(13));
        Assert.Equal((Options.QuickDeathPause, true), Die(24));
    }

    [Fact]
    public void SlowDeaths_AreNoProblem()
    {
        for (var second = 0; second < 100; second += 6) Assert.Equal((TimeSpan.Zero, false), Die(second));
    }

    [Fact]
    public void Step_CuresTheProblem()
    {
        for (var second = 0; second < 3; second++) Die(second);
        _policy.OnStep();
        Assert.Equal((TimeSpan.Zero, false), Die(4));
    }

    private (TimeSpan Pause, bool IsProblem) Die(double second, bool finishedAStep = false) => _policy.OnDeath(TimeSpan.FromSeconds(second), finishedAStep);
}
