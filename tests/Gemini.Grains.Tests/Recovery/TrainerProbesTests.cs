using Gemini.Grains.Health;
using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Which trainers are probed, when again, and what counts as their answer.</summary>
public sealed class TrainerProbesTests
{
    private static readonly string[] Everybody = ["h0:a", "h0:b", "h1:a", "h1:b"];

    private readonly Parts _parts = new Parts(
        hosts: 2,
        job => job with { RanksPerHost = 2 },
        record => record with { Liveness = [.. Everybody] }).At(DirectiveStep.Run, JobPhase.Running);

    private readonly TrainerProbes _probes;

    public TrainerProbesTests()
    {
        _probes = new TrainerProbes(_parts.State, _parts.Roster);
        _parts.Train(iteration: 3, now: 1_000);
    }

    [Theory]
    [InlineData(2_199, "")]
    [InlineData(2_200, "h1:a h1:b")]
    public void Evaluate_ReportsAreOverdue_TheHostsTrainersAreAsked(long now, string asked)
    {
        _parts.Report("h0", now: 2_000);

        Assert.Equal(asked, Ask(now));
    }

    [Fact]
    public void Evaluate_SiloIsDead_ItsTrainersAreAskedAtOnce()
    {
        _parts.Lose(1_001, "h1");

        Assert.Equal("h1:a h1:b", Ask(1_001));
    }

    /// <summary>The job hangs. A trainer that answered before the suspicion is asked again, and after that no more.</summary>
    [Fact]
    public void Evaluate_JobIsSuspected_EveryTrainerIsAskedOnce()
    {
        _parts.Lose(1_001, "h1");
        Ask(1_001);
        _probes.Observe("h1:a", ProbeAnswer.Alive);
        _probes.Observe("h1:b", ProbeAnswer.Alive);
        _parts.Report("h1", report => report with { Incarnation = 2 }, now: 1_500);

        Assert.Equal(string.Join(' ', Everybody), Ask(1_600, suspectedAt: 1_600));
        foreach (var address in Everybody) _probes.Observe(address, ProbeAnswer.Computing);

        Assert.Equal("", Ask(2_000, suspectedAt: 1_600));
    }

    [Theory]
    [InlineData(DirectiveStep.Halt, JobPhase.Halting, false)]
    [InlineData(DirectiveStep.Prepare, JobPhase.Preparing, false)]
    [InlineData(DirectiveStep.Run, JobPhase.Resuming, true)]
    [InlineData(DirectiveStep.Run, JobPhase.Running, true)]
    [InlineData(DirectiveStep.Run, JobPhase.Persisting, false)]
    [InlineData(DirectiveStep.Complete, JobPhase.Completed, false)]
    public void Evaluate_OnlyWhileTrainersTrain(DirectiveStep step, JobPhase phase, bool isAsked)
    {
        var parts = new Parts(record: record => record with { Liveness = ["h0:9", "h1:9", "h2:9", "h3:9"] }).At(step, phase).ReportAll();
        parts.Lose(1, "h2");

        Assert.Equal(isAsked, new TrainerProbes(parts.State, parts.Roster).Evaluate(suspectedAt: null, now: 1) is ["h2:9"]);
    }

    /// <summary>A trainer that has finished may have left. A trainer of another framework may have no address.</summary>
    [Fact]
    public void Evaluate_FinishedOrWithoutAnAddress_IsNotAsked()
    {
        _parts.State.Record = _parts.State.Record with { Liveness = ["h0:a", "", "h1:a", "h1:b"] };
        _parts.Report("h1", report => report with { Trainers = [report.Trainers[0], report.Trainers[1] with { State = TrainerState.Finished }] }, now: 1_000);

        Assert.Equal("h0:a h1:a", Ask(1_000, suspectedAt: 1_000));
    }

    /// <summary>Its trainers answered before its last report, so their answer says nothing about now.</summary>
    [Fact]
    public void Evaluate_HostReportedSinceTheQuestion_AndThenItsSiloDies_ItsTrainersAreAskedAtOnce()
    {
        Ask(2_200);
        foreach (var address in Everybody) _probes.Observe(address, ProbeAnswer.Alive);
        _parts.ReportAll(now: 2_300);
        _parts.Lose(2_301, "h1");

        Assert.Equal("h1:a h1:b", Ask(2_301));
    }

    /// <summary>After an answer, a silent host's trainers are asked every second. A host that reports in between is not silent.</summary>
    [Theory]
    [InlineData(null, 3_199, "")]
    [InlineData(null, 3_200, "h1:a h1:b")]
    [InlineData(2_300L, 3_500, "h1:a h1:b")]
    [InlineData(2_300L, 3_499, "")]
    public void Evaluate_AfterAnAnswer_AsksAgain(long? reportedAt, long now, string asked)
    {
        Ask(2_200);
        foreach (var address in Everybody) _probes.Observe(address, ProbeAnswer.Alive);
        if (reportedAt is { } at) _parts.Report("h1", now: at);
        _parts.Report("h0", now: now);

        Assert.Equal(asked, Ask(now));
    }

    /// <summary>A host whose silo is dead has lost its trainers, unless one of them answers after the host's last report.</summary>
    [Theory]
    [InlineData(null, null, null)]
    [InlineData(ProbeAnswer.Silent, null, null)]
    [InlineData(ProbeAnswer.Alive, null, true)]
    [InlineData(ProbeAnswer.WaitingForPeers, ProbeAnswer.Refused, true)]
    [InlineData(ProbeAnswer.Computing, ProbeAnswer.Silent, true)]
    [InlineData(ProbeAnswer.Refused, ProbeAnswer.Silent, false)]
    public void TrainersAnswer_OneIsEnough(ProbeAnswer? first, ProbeAnswer? second, bool? expected)
    {
        _parts.Lose(1_200, "h1");
        Ask(1_200);
        if (first is { } a) _probes.Observe("h1:a", a);
        if (second is { } b) _probes.Observe("h1:b", b);

        Assert.Equal(expected, _probes.TrainersAnswer(_parts.Roster[Jobs.Host(1)]));
        Assert.Null(_probes.TrainersAnswer(_parts.Roster[Jobs.Host(0)]));
    }

    [Fact]
    public void TrainersAnswer_FromBeforeTheLastReport_DoesNotCount()
    {
        Ask(2_200);
        _probes.Observe("h1:a", ProbeAnswer.Alive);
        _parts.Report("h1", now: 2_201);
        _parts.Lose(2_202, "h1");

        Assert.Null(_probes.TrainersAnswer(_parts.Roster[Jobs.Host(1)]));
    }

    /// <summary>Nobody can be asked, so nobody knows.</summary>
    [Fact]
    public void TrainersAnswer_NoAddressIsKnown_IsUnknown()
    {
        _parts.State.Record = _parts.State.Record with { Liveness = [] };
        _parts.Lose(1_200, "h1");

        Assert.Null(_probes.TrainersAnswer(_parts.Roster[Jobs.Host(1)]));
        Assert.Equal("", _probes.AddressOf(new Rank(3)));
    }

    /// <summary>An answer counts for the time when its probe was sent, because the trainer may have stopped since.</summary>
    [Theory]
    [InlineData(2_200, true)]
    [InlineData(2_201, false)]
    public void AnswerSince_CountsFromTheQuestion(long since, bool isKnown)
    {
        Ask(2_200);
        Assert.Null(_probes.AnswerSince("h1:a", since));

        _probes.Observe("h1:a", ProbeAnswer.Alive);

        Assert.Equal(isKnown, _probes.AnswerSince("h1:a", since) == ProbeAnswer.Alive);
    }

    [Fact]
    public void Observe_AnAnswerThatNobodyAskedFor_IsIgnored()
    {
        _probes.Observe("h1:a", ProbeAnswer.Alive);

        Assert.Null(_probes.AnswerSince("h1:a", since: 0));
    }

    /// <summary>The answers of an earlier epoch's trainers must not speak for their successors at other addresses.</summary>
    [Fact]
    public void Remember_WritesTheAddressesOfTheEpoch_AndForgetsOtherTrainers()
    {
        Ask(1_000, suspectedAt: 1_000);
        _probes.Observe("h0:a", ProbeAnswer.Alive);
        _probes.Observe("h1:a", ProbeAnswer.Alive);
        NewEpoch(DirectiveStep.Prepare);
        _parts.ReportAll(report => report with
        {
            Trainers = [.. report.Trainers.Select(trainer => trainer with { Liveness = trainer.LocalIndex == 0 && report.Host.Value == "h0" ? "h0:a" : "new" })],
        });

        _probes.Remember();

        Assert.Equal(["h0:a", "new", "new", "new"], _parts.State.Record.Liveness);
        Assert.Equal(ProbeAnswer.Alive, _probes.AnswerSince("h0:a", since: 0));
        Assert.Null(_probes.AnswerSince("h1:a", since: 0));
    }

    [Theory]
    [InlineData(DirectiveStep.Halt)]
    [InlineData(DirectiveStep.Run)]
    public void Remember_InAnotherStep_IsAMistake(DirectiveStep step)
    {
        NewEpoch(step);

        Assert.Throws<InvariantViolatedException>(_probes.Remember);
    }

    private void NewEpoch(DirectiveStep step)
    {
        _parts.State.Record = _parts.State.Record with { Epoch = new Epoch(2) };
        _parts.State.Version = new DirectiveVersion(new Epoch(2), step);
    }

    private string Ask(long now, long? suspectedAt = null) => string.Join(' ', _probes.Evaluate(suspectedAt, now));
}
