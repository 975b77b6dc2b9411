using System.Diagnostics;
using Gemini.Grains.Placement;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.ControlPlane;

/// <summary>What the decisions for a job of one size cost.</summary>
/// <param name="PlacementMilliseconds">To compute the placement.</param>
/// <param name="FormingMilliseconds">All of the coordinator's work until the job runs.</param>
/// <param name="ReportMicroseconds">A report without news.</param>
/// <param name="ReportBytes">Allocated for it.</param>
/// <param name="IterationMicroseconds">For each host and iteration: its report with news, and its share of the commit and of a second
/// of periodic evaluations.</param>
/// <param name="IterationBytes">Allocated for it.</param>
/// <param name="CommitMicroseconds">The longest time that one group's message takes, that of the last group included.</param>
/// <param name="RecoveryPlanMilliseconds">The longest evaluation of a recovery from a lost host: the one that makes the plan.</param>
/// <param name="RecoveryMilliseconds">All of the coordinator's work in that recovery.</param>
/// <param name="StatusMilliseconds">To describe the job.</param>
internal sealed record ControlPlaneSample(
    double PlacementMilliseconds, double FormingMilliseconds, double ReportMicroseconds, double ReportBytes, double IterationMicroseconds,
    double IterationBytes, double CommitMicroseconds, double RecoveryPlanMilliseconds, double RecoveryMilliseconds, double StatusMilliseconds)
{
    /// <summary>So many rounds are averaged.</summary>
    private const int Rounds = 5;

    public static ControlPlaneSample Measure(int hosts)
    {
        var begun = Stopwatch.GetTimestamp();
        var names = Enumerable.Range(0, hosts).Select(index => new HostName($"host-{index}"));
        _ = JobPlacement.ArrangementOf(new JobSpec { Name = "played", Hosts = [.. names], Replicas = 2 });
        var placement = Stopwatch.GetElapsedTime(begun);

        var job = new PlayedJob(hosts);
        job.TrainTo(iteration: 1);
        var (formingReports, forming) = (job.Reports.Take(), job.Evaluations.Take());

        for (var round = 0; round < Rounds; round++) job.ReportNothingNew();
        var unchanged = job.Reports.Take();

        var iteration = 1L;
        while (iteration <= Rounds) job.Commit(++iteration);
        var (news, commits, ticks) = (job.Reports.Take(), job.Commits.Take(), job.Evaluations.Take());

        job.LoseHost(++iteration);
        var (recovery, evaluations) = (job.Reports.Take(), job.Evaluations.Take());

        for (var round = 0; round < Rounds; round++) job.AskForStatus();
        var status = job.Statuses.Take();
        return new ControlPlaneSample(
            placement.TotalMilliseconds,
            (formingReports.Total + forming.Total).TotalMilliseconds,
            unchanged.Total.TotalMicroseconds / unchanged.Count,
            (double)unchanged.Bytes / unchanged.Count,
            (news.Total + commits.Total + ticks.Total).TotalMicroseconds / (hosts * Rounds),
            (double)(news.Bytes + commits.Bytes + ticks.Bytes) / (hosts * Rounds),
            commits.Longest.TotalMicroseconds,
            evaluations.Longest.TotalMilliseconds,
            (recovery.Total + evaluations.Total).TotalMilliseconds,
            status.Total.TotalMilliseconds / status.Count);
    }
}
