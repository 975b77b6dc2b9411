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
        var now = Suspect();
        Assert.False(_watch.Hangs.SeesSteps);
        Assert.Equal(4, _watch.Probes.Evaluate(_watch.Hangs.SuspectedAt, now).Length);
        Answer(ProbeAnswer.WaitingForPeers, "h0", "h1", "h3");
        Assert.Null(Hang(mayBegin: true, now));
        Answer(ProbeAnswer.Computing, "h2");
        Assert.Null(Hang(mayBegin: false, now));

        var failure = Hang(mayBegin: true, now);

        Assert.Equal(["h2"], failure!.Hosts.Select(host => host.Value));
        _watch.Hangs.Reset();
        Assert.Null(_watch.Hangs.SuspectedAt);
    }

    /// <summary>The root agent decides to probe all trainers, and no probe is ever sent (simulation seed 6447).</summary>
    [Fact]
    public void Hangs_FirstQuestionsAreNeverPut_IsFoundByLaterOnes()
    {
        var now = Suspect();
        Assert.Equal(4, _watch.Probes.Evaluate(_watch.Hangs.SuspectedAt, now).Length);

        Assert.Null(Hang(mayBegin: true, now + 9_999));
        Assert.Empty(_watch.Probes.Evaluate(_watch.Hangs.SuspectedAt, now + 9_999));
        Assert.Null(Hang(mayBegin: true, now += 10_000));
        Assert.Equal(4, _watch.Probes.Evaluate(_watch.Hangs.SuspectedAt, now).Length);
        Answer(ProbeAnswer.WaitingForPeers, "h0", "h1", "h3");
        Answer(ProbeAnswer.Computing, "h2");

        Assert.Contains("the others wait for rank 2 on h2", Hang(mayBegin: true, now)!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void FindRejection_TheHostGivesNoReason_SaysWhenTheCopyFailed()
    {
        Assert.Null(_watch.FindRejection("at load", 1200));
        _parts.Report("h2", report => report with { NeedsNewPlan = _parts.State.Version }, now: 1200);

        Assert.Equal("h2: a copy failed its check at load", _watch.FindRejection("at load", 1200)!.Reason);
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

    /// <summary>Lets time pass until the job is suspected to hang. Returns the time, Unix milliseconds.</summary>
    private long Suspect()
    {
        var now = 1000L;
        for (; _watch.Hangs.SuspectedAt is null; now += 1000)
        {
            Assert.InRange(now, 0, 200_000);
            Assert.Null(Hang(mayBegin: true, now));
        }

        return now;
    }

    private void Answer(ProbeAnswer answer, params string[] hosts)
    {
        foreach (var host in hosts) _watch.Probes.Observe($"{host}:9", answer);
    }

    private Failure? Hang(bool mayBegin, long now) => _watch.Hangs.Evaluate(_parts.Progress.Pace(), mayBegin, now);
}
