using System.Runtime.CompilerServices;
using Gemini.Interfaces.Model;
using Gemini.Silo.Commands;
using Gemini.Silo.Configuration;
using Gemini.Silo.Status;
using Gemini.Silo.Tests.Lab.Demo;

namespace Gemini.Silo.Tests.Status;

public sealed class StatusReportsTests
{
    /// <summary>
    /// The schema that scripts rely on, as an example. If this test fails because a property was added, copy the new text into status.json and
    /// document the property in Gemini.Silo/Status/DESIGN.md. If a property changed or was removed, do not copy.
    /// </summary>
    [Fact]
    public void Json_IsTheDocumentedSchema()
    {
        var json = StatusJson.Write(StatusReports.Of(StatusSamples.Status(), StatusSamples.Record()));

        var received = Path.Combine(Path.GetTempPath(), "status.json");
        if (File.ReadAllText(Path.Combine(Folder(), "status.json")).Trim() != json) File.WriteAllText(received, json + "\n");
        Assert.True(File.ReadAllText(Path.Combine(Folder(), "status.json")).Trim() == json, $"The schema is not that of status.json; the new text is in {received}.");
        Assert.DoesNotContain('\n', StatusJson.WriteLine(StatusReports.Of(StatusSamples.Status(), StatusSamples.Record())));
    }

    [Fact]
    public void Json_EveryProperty_IsDocumented()
    {
        var page = File.ReadAllText(Path.Combine(Folder(), "../../../Gemini.Silo/Status/DESIGN.md"));
        var undocumented = System.Text.Json.JsonDocument.Parse(StatusJson.Write(StatusReports.Of(StatusSamples.Status(), StatusSamples.Record())))
            .RootElement.EnumerateObject().SelectMany(Names).Distinct().Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal));
        Assert.Empty(undocumented);
    }

    [Fact]
    public void Verdict_AllCopiesOnLiveHosts_IsSafe()
    {
        var report = StatusReports.Of(StatusSamples.Status(), StatusSamples.Record());

        Assert.Equal(("safe", "snapshot 20@2 has all 2 copies of every shard on live hosts"), (report.Verdict, report.VerdictReason));
        Assert.Equal(ExitCodes.Success, StatusCommand.ExitCodeOf(report.Verdict));
    }

    [Fact]
    public void Verdict_AHolderIsGone_IsDegradedAndNamesRanksAndHost()
    {
        var report = StatusReports.Of(StatusSamples.Status(), StatusSamples.Record(1));

        Assert.Equal(("degraded", "of snapshot 20@2, the shards of ranks 0, 1 have 1 of 2 copies"), (report.Verdict, report.VerdictReason));
        Assert.Equal(["host-4"], report.Shards[0].Missing);
        Assert.Equal(ExitCodes.NotSafe, StatusCommand.ExitCodeOf(report.Verdict));
    }

    [Theory]
    [InlineData(JobPhase.Halting, "recovering", ExitCodes.NotSafe)]
    [InlineData(JobPhase.Replacing, "recovering", ExitCodes.NotSafe)]
    [InlineData(JobPhase.Failed, "failed", ExitCodes.Failed)]
    [InlineData(JobPhase.Persisting, "degraded", ExitCodes.NotSafe)]
    public void Verdict_FollowsThePhase(JobPhase phase, string verdict, int exitCode)
    {
        var report = StatusReports.Of(StatusSamples.Status(phase, "because"), StatusSamples.Record());

        Assert.Equal((verdict, exitCode), (report.Verdict, StatusCommand.ExitCodeOf(report.Verdict)));
    }

    [Theory]
    [InlineData(TrainerState.Finished, "safe", ExitCodes.Success)]
    [InlineData(TrainerState.Exited, "degraded", ExitCodes.NotSafe)]
    public void Verdict_Completed_IsSafeUnlessATrainerMeansToRunMoreIterations(TrainerState state, string verdict, int exitCode)
    {
        var status = StatusSamples.Status(JobPhase.Completed, "because");
        status = status with
        {
            Hosts =
            [
                .. status.Hosts.Select(host => host with
                {
                    Report = host.Report with { Trainers = [.. host.Report.Trainers.Select(trainer => trainer with { State = state })] },
                }),
            ],
        };

        var report = StatusReports.Of(status, StatusSamples.Record());

        Assert.Equal((verdict, exitCode), (report.Verdict, StatusCommand.ExitCodeOf(report.Verdict)));
    }

    /// <summary>While a host's silo is lost nothing is committed, although every copy is still there.</summary>
    [Fact]
    public void Verdict_RunningForAReason_IsDegraded() =>
        Assert.Equal("degraded", StatusReports.Of(StatusSamples.Status(reason: "host-2 is without its silo"), StatusSamples.Record()).Verdict);

    [Theory]
    [InlineData(JobPhase.Forming)]
    [InlineData(JobPhase.Halting)]
    [InlineData(JobPhase.Replacing)]
    [InlineData(JobPhase.Preparing)]
    [InlineData(JobPhase.Resuming)]
    [InlineData(JobPhase.Failed)]
    public void Verdict_PhaseWithoutAReason_StillSaysWhy(JobPhase phase)
    {
        var report = StatusReports.Of(StatusSamples.Status(phase), record: null);

        Assert.NotEmpty(report.VerdictReason);
        Assert.Equal(report.VerdictReason, report.PhaseReason);
    }

    [Fact]
    public void Iterations_BeforeAnybodyHasReported_AreNotKnown()
    {
        var forming = StatusSamples.Status(JobPhase.Forming) with { Trained = default, Captured = default, Committed = default, Hosts = [] };
        var at = StatusReports.Of(forming, record: null).Iterations;

        Assert.Equal((null, null, null, null), (at.Trained, at.Captured, at.Committed, at.CommittedLag));
        Assert.Contains("trained –, captured –, committed – (– behind)", StatusScreen.Brief(StatusReports.Of(forming, record: null)), StringComparison.Ordinal);
    }

    /// <summary>The commit record is requested after the status, so it may be newer.</summary>
    [Fact]
    public void Iterations_TheRecordIsNewerThanTheStatus_AreStillInOrder()
    {
        var status = StatusSamples.Status() with { Trained = new Iteration(18), Captured = new Iteration(17), Committed = new Iteration(16), Hosts = [] };
        var at = StatusReports.Of(status, StatusSamples.Record()).Iterations;

        Assert.Equal((20, 20, 20, 0), (at.Trained, at.Captured, at.Committed, at.CommittedLag));
    }

    [Fact]
    public void Risk_NothingIsInMemory_IsNotShown()
    {
        var status = StatusSamples.Status() with { Redundancy = new Redundancy { LeastCopies = 0, Exposed = true } };

        Assert.NotEmpty(StatusReports.Of(StatusSamples.Status(), StatusSamples.Record()).Risk);
        Assert.Empty(StatusReports.Of(status, StatusSamples.Record()).Risk);
    }

    [Fact]
    public void Verdict_NothingCommittedYet_IsDegraded()
    {
        var status = StatusSamples.Status() with { Committed = default };
        var record = StatusSamples.Record() with { Committed = null, Shards = [] };

        Assert.Equal(("degraded", "nothing is committed yet"), (StatusReports.Of(status, record).Verdict, StatusReports.Of(status, record).VerdictReason));
        Assert.Equal("degraded", StatusReports.Of(StatusSamples.Status(), record: null).Verdict);
    }

    [Fact]
    public void Warnings_ComeFromHostsStorageAndPlacement()
    {
        var status = StatusSamples.Status() with { StorageProblem = "disk full", Placement = new PlacementStatus { Warnings = ["rack: shared"] } };
        status = status with
        {
            MachineRequests = [],
            Quarantined = [],
            Hosts = [.. status.Hosts, Statuses.Host("host-9", 2, alive: false), Statuses.Host("host-8", 3, problem: "no trainer")],
        };

        Assert.Equal(
            ["host-8: no trainer", "host-9 is lost and not replaced yet", "storage, trying again: disk full", "rack: shared"],
            StatusReports.Of(status, StatusSamples.Record()).Warnings);
    }

    [Fact]
    public void Warnings_CopiesOfOtherRuns_AreNamedWithWhatToDo_AndTheJobIsStillSafe()
    {
        var status = StatusSamples.Status() with { MachineRequests = [], Quarantined = [] };
        var before = StatusReports.Of(status, StatusSamples.Record());
        LeftoverCopies[] leftovers = [new(default, 1, default, 1 << 20), new(default, 2, default, 3 << 20)];
        var first = status.Hosts[0] with { Report = status.Hosts[0].Report with { Leftovers = [.. leftovers] } };
        status = status with { Hosts = status.Hosts.SetItem(0, first) };

        var report = StatusReports.Of(status, StatusSamples.Record());

        var host = first.Report.Host;
        Assert.Equal(
            $"{host} keeps 3 copies of other runs of the job, 4 MiB, that nobody uses; if you do not need them, delete "
            + $"MEMORYROOT/{status.Job.Name}/{host}/*.aside, or all of the job with gemini forget once it is stopped",
            Assert.Single(report.Warnings.Except(before.Warnings)));
        Assert.Equal((before.Verdict, before.VerdictReason), (report.Verdict, report.VerdictReason));
    }

    [Fact]
    public void Warnings_ATrainerIsKilledAgainAndAgain_DegradesTheJob()
    {
        var status = StatusSamples.Status() with { MachineRequests = [], Quarantined = [] };
        var first = status.Hosts[0] with { Report = status.Hosts[0].Report with { TrainerWarning = "Trainer 0 was killed 3 times" } };
        status = status with { Hosts = status.Hosts.SetItem(0, first) };

        var report = StatusReports.Of(status, StatusSamples.Record());

        Assert.Contains($"{first.Report.Host}: Trainer 0 was killed 3 times", report.Warnings);
        Assert.Equal("degraded", report.Verdict);
    }

    private static IEnumerable<string> Names(System.Text.Json.JsonProperty property) => property.Value.ValueKind switch
    {
        System.Text.Json.JsonValueKind.Object => property.Value.EnumerateObject().SelectMany(Names).Prepend(property.Name),
        System.Text.Json.JsonValueKind.Array => property.Value.EnumerateArray().Where(item => item.ValueKind == System.Text.Json.JsonValueKind.Object)
            .SelectMany(item => item.EnumerateObject().SelectMany(Names)).Prepend(property.Name),
        _ => [property.Name],
    };

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
