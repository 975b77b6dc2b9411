using Gemini.Grains.Health;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>When a job that makes no step counts as hanging, who is asked, and who is named.</summary>
public sealed class HangWatchTests
{
    private readonly Parts _parts = new Parts(
        record: record => record with { Liveness = ["h0:9", "h1:9", "h2:9", "h3:9"] }).At(DirectiveStep.Run, JobPhase.Running);

    private readonly TrainerProbes _probes;
    private readonly HangWatch _watch;
    private long _now;

    public HangWatchTests()
    {
        _probes = new TrainerProbes(_parts.State, _parts.Roster);
        _watch = new HangWatch(_parts.State, _parts.Roster, _probes, _parts.Progress);
    }

    [Fact]
    public void StepsAreMade_IsNeverSuspected()
    {
        for (var iteration = 1; iteration <= 30; iteration++)
        {
            Train(iteration);
            Assert.Null(Look(seconds: 9));
            Assert.Null(_watch.SuspectedAt);
        }
    }

    /// <summary>
    /// How long no step may be made, in seconds: five median iterations, and at least 10 s. While trainers load, while no iteration was measured, and
    /// at the end, at least 120 s. A pause that a trainer announced extends each limit.
    /// </summary>
    [Theory]
    [InlineData(JobPhase.Running, 100, 0, 0, 10)]
    [InlineData(JobPhase.Running, 4_000, 0, 0, 20)]
    [InlineData(JobPhase.Running, 40_000, 0, 0, 200)]
    [InlineData(JobPhase.Running, 0, 0, 0, 120)]
    [InlineData(JobPhase.Running, 100, 3, 0, 120)]
    [InlineData(JobPhase.Running, 100, 4, 0, 10)]
    [InlineData(JobPhase.Resuming, 100, 0, 0, 120)]
    [InlineData(JobPhase.Resuming, 40_000, 0, 0, 200)]
    [InlineData(JobPhase.Running, 100, 0, 60_000, 60)]
    [InlineData(JobPhase.Running, 100, 0, 9_000, 10)]
    public void NoStep_IsSuspectedAfterTheLimit(JobPhase phase, double iterationMilliseconds, long total, long pauseMilliseconds, int limitSeconds)
    {
        _parts.State.Enter(phase, "");
        Train(3, trainer => trainer with
        {
            IterationMilliseconds = iterationMilliseconds,
            TotalIterations = total,
            PauseLimitMilliseconds = pauseMilliseconds,
        });

        Look(limitSeconds - 1);
        Assert.Null(_watch.SuspectedAt);
        Look(1);

        Assert.Equal(limitSeconds * 1_000, _watch.SuspectedAt);
    }

    /// <summary>A trainer that loads, finishes or announces a pause shows that the job does not hang, although no iteration is finished.</summary>
    [Theory]
    [InlineData("iteration")]
    [InlineData("pause")]
    [InlineData("finished")]
    [InlineData("loaded")]
    public void AnySignOfWork_BeginsTheTimeAnew(string what)
    {
        var almost = what == "loaded" ? 119 : 9;
        Train(3, trainer => trainer with { Epoch = what == "loaded" ? default : trainer.Epoch });
        Look(almost);
        _parts.Report("h1", report => report with { Trainers = [Work(report.Trainers[0], what)] });
        Look(almost);
        Assert.Null(_watch.SuspectedAt);

        Look(1);
        Assert.NotNull(_watch.SuspectedAt);
    }

    [Fact]
    public void AStepAfterTheSuspicion_EndsIt()
    {
        Train(3);
        Look(10);
        Assert.NotNull(_watch.SuspectedAt);
        Assert.False(_watch.SeesSteps);

        Train(4);
        Look(1);

        Assert.Null(_watch.SuspectedAt);
        Assert.True(_watch.SeesSteps);
    }

    /// <summary>The root agent itself was frozen for a minute. It has seen only one second of the silence.</summary>
    [Fact]
    public void RootAgentWasPaused_ThePauseDoesNotCount()
    {
        Train(3);
        Look(5);

        _now += 60_000;
        Look(3);

        Assert.Null(_watch.SuspectedAt);
    }

    [Fact]
    public void Verdict_ComesWhenEveryTrainerHasBeenAsked_AndNamesWhoDoesNotAnswer()
    {
        Train(3);
        Look(10);
        Assert.Equal(["h0:9", "h1:9", "h2:9", "h3:9"], _probes.Evaluate(_watch.SuspectedAt, _now));
        Answer(ProbeAnswer.WaitingForPeers, 0, 1, 3);
        Assert.Null(Look(1));

        Answer(ProbeAnswer.Silent, 2);
        var failure = Look(1)!;

        Assert.Equal((FailureKind.Software, "h2", 0), (failure.Kind, Assert.Single(failure.Hosts).Value, failure.LostHosts.Length));
        Assert.Equal("no rank has finished a step for 11000 ms: rank 2 on h2 does not answer", failure.Reason);
        Assert.Equal(0, failure.FailedAt);
    }

    [Theory]
    [InlineData(new[] { ProbeAnswer.WaitingForPeers, ProbeAnswer.Computing, ProbeAnswer.WaitingForPeers, ProbeAnswer.Computing }, "h1 h3", "the others wait for")]
    [InlineData(new[] { ProbeAnswer.Alive, ProbeAnswer.Alive, ProbeAnswer.Alive, ProbeAnswer.Alive }, "h0 h1 h2 h3", "nobody can tell which one hangs")]
    [InlineData(new[] { ProbeAnswer.Alive, ProbeAnswer.Refused, ProbeAnswer.Silent, ProbeAnswer.Alive }, "h1 h2", "do not answer")]
    public void Verdict_FollowsFromTheAnswers(ProbeAnswer[] answers, string hosts, string reason)
    {
        Train(3);
        Look(10);
        _probes.Evaluate(_watch.SuspectedAt, _now);
        for (var rank = 0; rank < 4; rank++) Answer(answers[rank], rank);

        var failure = Look(1)!;

        Assert.Equal(hosts, string.Join(' ', failure.Hosts));
        Assert.Contains(reason, failure.Reason);
    }

    /// <summary>Two trainers of one host hang, and a failure names each host once.</summary>
    [Fact]
    public void Verdict_TwoRanksOfOneHost_NamesTheHostOnce()
    {
        var parts = new Parts(hosts: 2, job => job with { RanksPerHost = 2 }).At(DirectiveStep.Run, JobPhase.Running);
        var watch = new HangWatch(parts.State, parts.Roster, new TrainerProbes(parts.State, parts.Roster), parts.Progress);
        parts.ReportAll(report => report with { Trainers = [.. report.Trainers.Select(trainer => parts.Training(trainer, report.Host.Value == "h1" ? 2 : 3))] });

        Failure? failure = null;
        for (var now = 0; now <= 120_000; now += 1_000) failure = watch.Evaluate(parts.Progress.Pace(), mayBegin: true, now);

        Assert.Equal("h1", Assert.Single(failure!.Hosts).Value);
        Assert.EndsWith("rank 2 on h1, rank 3 on h1 are behind, at iteration 2", failure.Reason, StringComparison.Ordinal);
    }

    /// <summary>A rank that cannot be asked holds up no verdict: it has no known address, or it has finished and may have left.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Verdict_ARankThatCannotBeAsked_CountsAsAlive(bool hasFinished)
    {
        if (!hasFinished) _parts.State.Record = _parts.State.Record with { Liveness = ["h0:9", "h1:9", "", "h3:9"] };
        Train(3);
        if (hasFinished) _parts.Report("h2", report => report with { Trainers = [report.Trainers[0] with { State = TrainerState.Finished }] });
        Look(10);
        _probes.Evaluate(_watch.SuspectedAt, _now);
        Answer(ProbeAnswer.WaitingForPeers, 0, 3);
        Answer(ProbeAnswer.Silent, 1);

        Assert.Equal("h1", Assert.Single(Look(1)!.Hosts).Value);
    }

    /// <summary>A verdict counts once: the watch must not count it as a repeat while an epoch cannot begin yet.</summary>
    [Fact]
    public void Verdict_WhileNoEpochMayBegin_IsKeptBack()
    {
        Train(3);
        Look(10);
        _probes.Evaluate(_watch.SuspectedAt, _now);
        Answer(ProbeAnswer.Silent, 0, 1, 2, 3);
        Assert.Null(Look(5, mayBegin: false));

        Assert.NotNull(Look(1));
    }

    [Fact]
    public void Verdict_ATrainerAnnouncedAPause_SaysSo()
    {
        Train(3, trainer => trainer with { PauseReason = "evaluation", PauseLimitMilliseconds = 12_000 });
        _parts.State.Record = _parts.State.Record with { Liveness = [] };

        var failure = Look(12)!;

        Assert.StartsWith(
            "no rank has finished a step for 12000 ms (a trainer announced a pause of at most 12000 ms for evaluation): ", failure.Reason, StringComparison.Ordinal);
    }

    /// <summary>Each epoch hangs at the same iteration. So the limit doubles, and at the third time people are told what to set.</summary>
    [Fact]
    public void Verdict_AgainAndAgainAtTheSameIteration_TheLimitDoubles_AndPeopleAreTold()
    {
        _parts.State.Record = _parts.State.Record with { Liveness = [] };
        Train(3);
        var limits = new List<long>();
        Failure failure = null!;
        for (var epoch = 0; epoch < 3; epoch++)
        {
            failure = Look(200)!;
            limits.Add(_now - failure.FailedAt);
            _watch.Reset();
            Assert.Null(_watch.SuspectedAt);
            Look(1);
        }

        Assert.Equal([10_000, 20_000, 40_000], limits);
        Assert.Contains("3 times in a row the job hung after iteration 3", failure.Reason);
        Assert.Contains("raise health.stuckFloorSeconds (10) or health.stuckMultiple (5)", failure.Reason);
        Assert.Contains("3 times in a row", _watch.DescribeResuming());

        Train(4);
        Look(1);
        Assert.DoesNotContain("in a row", _watch.DescribeResuming());
    }

    [Fact]
    public void DescribeResuming_NamesTheRanksThatLoad_ThenTheFirstIteration()
    {
        _parts.At(DirectiveStep.Run, JobPhase.Resuming).Train(3);
        _parts.Report("h1", report => report with { Trainers = [report.Trainers[0] with { State = TrainerState.Loading }] });
        _parts.Report("h3", report => report with { Trainers = [report.Trainers[0] with { Epoch = default }] });
        Assert.Equal("waiting for rank 1, 3 to load", _watch.DescribeResuming());

        _parts.Train(3);

        Assert.Equal("waiting for every rank to finish its first iteration", _watch.DescribeResuming());
    }

    private static TrainerReport Work(TrainerReport trainer, string what) => what switch
    {
        "iteration" => trainer with { Iteration = trainer.Iteration.Next() },
        "pause" => trainer with { PauseNumber = 1 },
        "finished" => trainer with { State = TrainerState.Finished },
        _ => trainer with { Epoch = new Epoch(1) },
    };

    private void Train(long iteration, Func<TrainerReport, TrainerReport>? change = null)
    {
        _parts.ReportAll(
            report => report with
            {
                Trainers = [.. report.Trainers.Select(trainer => _parts.Training(trainer, iteration)).Select(trainer => change?.Invoke(trainer) ?? trainer)],
            },
            _now);
        foreach (var host in _parts.Roster.All) _parts.Progress.Observe(host.Report);
    }

    private void Answer(ProbeAnswer answer, params int[] ranks)
    {
        foreach (var rank in ranks) _probes.Observe($"h{rank}:9", answer);
    }

    /// <summary>The watch looks now and then once a second, until its first verdict.</summary>
    private Failure? Look(int seconds, bool mayBegin = true)
    {
        var failure = _watch.Evaluate(_parts.Progress.Pace(), mayBegin, _now);
        for (var second = 0; second < seconds && failure is null; second++)
        {
            _now += 1_000;
            failure = _watch.Evaluate(_parts.Progress.Pace(), mayBegin, _now);
        }

        return failure;
    }
}
