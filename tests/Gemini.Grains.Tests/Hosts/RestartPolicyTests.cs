using CsCheck;
using Gemini.Grains.Hosts;

namespace Gemini.Grains.Tests.Hosts;

public sealed class RestartPolicyTests
{
    private static readonly RestartOptions Options = new();

    private static readonly Gen<(TrainerEnd End, bool FinishedAStep)> Life = Gen.Select(Gen.Enum<TrainerEnd>(), Gen.Bool);

    private readonly RestartPolicy _policy = new(Options);

    /// <summary>
    /// One letter for each process that ends: o by its own fault, h hangs, k is killed from outside, a is sent away, s ends after a step.
    /// </summary>
    [Theory]
    [InlineData("", false, 0)]
    [InlineData("oo", false, 0)]
    [InlineData("ooo", true, 1)]
    [InlineData("hhh", true, 1)]
    [InlineData("oho", true, 1)]
    [InlineData("oooo", true, 2)]
    [InlineData("ooooo", true, 4)]
    [InlineData("oooooooooooooooooooo", true, 60)]
    [InlineData("ooso", false, 0)]
    [InlineData("ooos", false, 0)]
    [InlineData("kk", false, 0)]
    [InlineData("kkk", false, 1)]
    [InlineData("kkkkkkkkkkkkkkkkkkkk", false, 60)]
    [InlineData("kkkkks", false, 0)]
    [InlineData("kkoo", false, 2)]
    [InlineData("okoko", true, 4)]
    [InlineData("oookk", true, 4)]
    [InlineData("aaaaaaa", false, 0)]
    [InlineData("oaoao", true, 1)]
    [InlineData("oooa", true, 0)]
    public void Ends_InThisOrder_GiveThisVerdictAndPause(string ends, bool isBroken, int pauseSeconds)
    {
        var pause = TimeSpan.Zero;
        foreach (var end in ends) pause = _policy.OnEnd(EndOf(end), finishedAStep: end == 's');
        Assert.Equal((isBroken, TimeSpan.FromSeconds(pauseSeconds)), (_policy.IsBroken, pause));
    }

    [Theory]
    [InlineData("kk", false)]
    [InlineData("kkk", true)]
    [InlineData("kkoaok", true)]
    [InlineData("ooo", false)]
    [InlineData("kkks", false)]
    [InlineData("kkksk", false)]
    public void ThreeKillsBeforeAStep_ArePeoplesAffair(string ends, bool isKilledAgainAndAgain)
    {
        foreach (var end in ends) _policy.OnEnd(EndOf(end), finishedAStep: end == 's');
        Assert.Equal(isKilledAgainAndAgain, _policy.IsKilledAgainAndAgain);
    }

    [Fact]
    public void Healthy_IsNoLongerBroken()
    {
        for (var starts = 0; starts < 3; starts++) _policy.OnEnd(TrainerEnd.OwnFault, finishedAStep: false);
        _policy.OnHealthy();
        Assert.False(_policy.IsBroken);
        Assert.Equal((0, 0), (_policy.FailedStarts, _policy.Kills));
        Assert.Equal(TimeSpan.Zero, _policy.OnEnd(TrainerEnd.OwnFault, finishedAStep: false));
    }

    /// <summary>A trainer that is killed from outside, however often, is not broken and is started again within a limited time.</summary>
    [Fact]
    public void KilledOrDismissed_NeverBroken_PausesAreBounded() => Life.Array[0, 50].Sample(lives =>
    {
        var policy = new RestartPolicy(Options);
        var failures = 0;
        foreach (var (end, finishedAStep) in lives)
        {
            var pause = policy.OnEnd(end, finishedAStep);
            failures = finishedAStep ? 0 : failures + (end is TrainerEnd.OwnFault or TrainerEnd.Hung ? 1 : 0);
            Assert.Equal(failures >= Options.FailedStartLimit, policy.IsBroken);
            Assert.InRange(pause, TimeSpan.Zero, Options.PauseMax);
            if (finishedAStep) Assert.Equal(TimeSpan.Zero, pause);
        }
    });

    private static TrainerEnd EndOf(char letter) => letter switch
    {
        'h' => TrainerEnd.Hung,
        'k' => TrainerEnd.KilledFromOutside,
        'a' => TrainerEnd.Dismissed,
        _ => TrainerEnd.OwnFault,
    };
}
