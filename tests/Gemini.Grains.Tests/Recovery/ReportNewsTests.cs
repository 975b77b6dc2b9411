using System.Collections.Immutable;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Which reports of a host that trains have to be decided on at once.</summary>
public sealed class ReportNewsTests
{
    private static readonly TrainerReport Trainer = new()
    {
        LocalIndex = 0,
        State = TrainerState.Training,
        Epoch = new Epoch(1),
        Iteration = new Iteration(7),
        Captured = new Iteration(7),
        Liveness = "h0:1",
    };

    private static readonly HostReport Report = new()
    {
        Host = Jobs.Host(0),
        Incarnation = 1,
        Sequence = 5,
        SpecFingerprint = "f",
        DataEndpoint = "h0:2",
        Trainers = [Trainer],
        Replicas = Jobs.Replicas(Jobs.Snapshot(7), 0, 1),
        Labels = [new HostLabel(Jobs.Host(0), "rack", "r1")],
    };

    public static TheoryData<string, Func<HostReport, HostReport>> Progress => new()
    {
        { "nothing", report => report },
        { "an iteration", report => With(report, trainer => trainer with { Iteration = new Iteration(8), Loss = 1, IterationMilliseconds = 9, BusyMilliseconds = 8 }) },
        { "a capture", report => With(report, trainer => trainer with { Captured = new Iteration(8) }) with { Replicas = Jobs.Replicas(Jobs.Snapshot(8), 0, 1) } },
        { "a skipped save", report => With(report, trainer => trainer with { SkippedSaves = 1 }) },
        { "a commit", report => report with { Committed = new Iteration(7) } },
        { "traffic", report => report with { Transfers = new TransferReport { SentBytes = 1 }, MemoryBytes = 3 } },
    };

    public static TheoryData<string, Func<HostReport, HostReport>> News => new()
    {
        { "a trainer died", report => With(report, trainer => trainer with { State = TrainerState.Exited }) },
        { "a trainer is another process", report => With(report, trainer => trainer with { ProcessId = 9 }) },
        { "a trainer lost a peer", report => With(report, trainer => trainer with { LostPeer = new Rank(1) }) },
        { "a pause", report => With(report, trainer => trainer with { PauseNumber = 1 }) },
        { "a save failed", report => With(report, trainer => trainer with { SaveProblem = "no" }) },
        { "no trainer", report => report with { Trainers = [] } },
        { "a problem", report => report with { Problem = "no" } },
        { "it leaves", report => report with { IsLeaving = true } },
        { "a directive is done", report => report with { Done = new DirectiveVersion(new Epoch(1), DirectiveStep.Run) } },
        { "a copy is bad", report => report with { QuarantinedCount = 1 } },
        { "another place", report => report with { Labels = [new HostLabel(Jobs.Host(0), "rack", "r2")] } },
        { "it cannot send", report => report with { ReplicationProblems = [new ReplicationProblem(new Rank(0), Jobs.Host(1), "no", 1)] } },
        { "another data port", report => report with { DataEndpoint = "h0:3" } },
    };

    [Theory]
    [MemberData(nameof(Progress))]
    public void IsOnlyProgress_TrainingGoesOn(string what, Func<HostReport, HostReport> change) => Assert.True(IsOnlyProgress(change), what);

    [Theory]
    [MemberData(nameof(News))]
    public void IsOnlyProgress_SomethingElse_IsNot(string what, Func<HostReport, HostReport> change) => Assert.False(IsOnlyProgress(change), what);

    /// <summary>As from the wire: every array is another object.</summary>
    private static bool IsOnlyProgress(Func<HostReport, HostReport> change)
    {
        var after = change(Report) with { Sequence = 6 };
        return ReportNews.IsOnlyProgress(Report, after with
        {
            Trainers = [.. after.Trainers.Select(trainer => trainer with { })],
            Replicas = [.. after.Replicas],
            Labels = [.. after.Labels],
        });
    }

    private static HostReport With(HostReport report, Func<TrainerReport, TrainerReport> change) =>
        report with { Trainers = [.. report.Trainers.Select(change)] };
}
