using Gemini.Grains.Health;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>When trainers are probed, and what follows from their answers.</summary>
public sealed class SuspicionWatchTests
{
    private readonly Parts _parts = new Parts(
        record: record => record with { Liveness = ["h0:9", "h1:9", "h2:9", "h3:9"] }).At(DirectiveStep.Run, JobPhase.Running);

    private readonly SuspicionWatch _watch;

    public SuspicionWatchTests()
    {
        _watch = new SuspicionWatch(_parts.State, _parts.Roster, _parts.Progress);
        _parts.Train(iteration: 3, now: 1000);
    }

    [Fact]
    public void Probes_HostWithoutASilo_ItsTrainersAreAskedOnceASecond()
    {
        Assert.Empty(_watch.Probes.Evaluate(suspectedAt: null, now: 1100));
        _parts.Lose(1150, "h1");
        Assert.Equal(["h1:9"], _watch.Probes.Evaluate(suspectedAt: null, now: 1150));
        Assert.Empty(_watch.Probes.Evaluate(suspectedAt: null, now: 2150));

        _watch.Probes.Observe("h1:9", ProbeAnswer.Refused);

        Assert.Equal(["h1:9"], _watch.Probes.Evaluate(suspectedAt: null, now: 2150));
    }

    /// <summary>Writing the record failed after the decision, so the probe was never sent.</summary>
    [Fact]
    public void Probes_QuestionThatWasNeverPut_IsAskedAgain()
    {
        _parts.Lose(1200, "h1");
        _watch.Probes.Evaluate(suspectedAt: null, now: 1200);

        Assert.DoesNotContain("h1:9", _watch.Probes.Evaluate(suspectedAt: null, now: 11_199));
        Assert.Contains("h1:9", _watch.Probes.Evaluate(suspectedAt: null, now: 11_200));
    }

    [Theory]
    [InlineData("Refused", true)]
    [InlineData("WaitingForPeers", false)]
    public void Evaluate_SiloIsDead_TheTrainersOwnAnswerDecides(string answer, bool isLost)
    {
        _parts.Lose(1200, "h1");
        Assert.Null(_watch.Evaluate(_watch.Observe(1200), 1200));
        _watch.Probes.Evaluate(suspectedAt: null, now: 1200);
        _watch.Probes.Observe("h1:9", Enum.Parse<ProbeAnswer>(answer));

        var unwell = _watch.Observe(1300);

        string[] expected = isLost ? ["h1"] : [];
        Assert.Equal(expected, (_watch.Evaluate(unwell, 1300)?.LostHosts ?? []).Select(host => host.Value));
        Assert.Equal(!isLost, SuspicionWatch.Describe(unwell).Contains("h1", StringComparison.Ordinal));
    }

    [Fact]
    public void Hangs_NoStepForTooLong_AllAreAskedBeforeTheVerdict_WhichIsGivenWhenAnEpochMayBegin()
    {
        Assert.Null(Hang(mayBegin: true, now: 1000));
        long now;
        for (now = 2000; _watch.Hangs.SuspectedAt is null; now += 1000)
        {
            Assert.InRange(now, 0, 200_000);
            Assert.Null(Hang(mayBegin: true, now));
        }

        Assert.False(_watch.Hangs.SeesSteps);
        Assert.Equal(4, _watch.Probes.Evaluate(_watch.Hangs.SuspectedAt, now).Length);
        foreach (var host in new[] { "h0", "h1", "h3" }) _watch.Probes.Observe($"{host}:9", ProbeAnswer.WaitingForPeers);
        Assert.Null(Hang(mayBegin: true, now));
        _watch.Probes.Observe("h2:9", ProbeAnswer.Computing);
        Assert.Null(Hang(mayBegin: false, now));

        var failure = Hang(mayBegin: true, now);

        Assert.Equal(["h2"], failure!.Hosts.Select(host => host.Value));
        _watch.Hangs.Reset();
        Assert.Null(_watch.Hangs.SuspectedAt);
    }

    [Fact]
    public void FindGone_WhileTheJobRecovers_NamesThem()
    {
        Assert.Null(_watch.FindGone());
        _parts.Lose(1200, "h1", "h3");

        var gone = _watch.FindGone();

        Assert.Equal((1200, FailureKind.Hardware), (gone!.FailedAt, gone.Kind));
        Assert.Equal("h1, h3 lost during the recovery", gone.Reason);
    }

    private Failure? Hang(bool mayBegin, long now) => _watch.Hangs.Evaluate(_parts.Progress.Pace(), mayBegin, now);
}
