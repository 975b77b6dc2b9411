using System.Collections.Immutable;
using System.Diagnostics;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Grains.Tests.Root;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>
/// The cost of one report without news, in the driver and the coordinator. Every host sends one report each second, so N reports come in a second.
/// </summary>
public sealed class JobCoordinatorCostTests(ITestOutputHelper output)
{
    /// <summary>
    /// A directive names the host's own shards and those that it holds. Their number is the same in a small and a large job, so a report allocates
    /// the same. The extra half is for allocations that do not come from the report: a list that grows, or a deeper lookup in a commit's set.
    /// </summary>
    private const double Most = 1.5;

    private readonly Dictionary<HostName, HostReport> _reports = [];
    private PlacementPlan _placement = null!;
    private long _now = 1000;

    /// <summary>A walk over all hosts with 1 byte per host would add a kilobyte; one such walk for each host, a megabyte.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task UnchangedReport_AllocatesAsMuchWith1024HostsAsWith16(int ranksPerHost)
    {
        var small = await BytesOfOneReportAsync(16, ranksPerHost);
        foreach (var hosts in new[] { 64, 256, 1024 }) Assert.InRange(await BytesOfOneReportAsync(hosts, ranksPerHost), 0, Most * small);
    }

    [Fact]
    public async Task Report_WithNews_IsDecidedOnBeforeItsAnswer()
    {
        var driver = await TrainAsync(hosts: 4, ranksPerHost: 1);
        var report = _reports.Values.First();
        var progress = driver.ReportAsync(report with { Sequence = report.Sequence + 1, Committed = new Iteration(8) });
        Assert.True(progress.IsCompletedSuccessfully);
        var news = driver.ReportAsync(report with { Sequence = report.Sequence + 2, Trainers = [.. report.Trainers.Select(Exited)] });
        Assert.Equal((false, ""), (news.IsCompleted, driver.Coordinator.Reason));
        await news;
        Assert.Contains("attempt 2 to resume failed", driver.Coordinator.Reason, StringComparison.Ordinal);
    }

    private async Task<double> BytesOfOneReportAsync(int hosts, int ranksPerHost)
    {
        var driver = await TrainAsync(hosts, ranksPerHost);
        // The first round compiles the methods and fills the caches.
        Round(driver);
        var (bytes, elapsed) = Round(driver);
        Assert.Equal(JobPhase.Running, driver.Coordinator.Phase);
        output.WriteLine($"{hosts} hosts of {ranksPerHost} ranks: {bytes:0} bytes and {elapsed.TotalMilliseconds / hosts:0.000} ms for each report");
        return bytes;
    }

    /// <summary>A job that trains in its second epoch, with a plan and with a record that is written.</summary>
    private async Task<RootDriver> TrainAsync(int hosts, int ranksPerHost)
    {
        var job = Jobs.Spec(hosts, replicas: 2, ranksPerHost);
        var fingerprint = job.Fingerprint();
        _placement = JobPlacement.PlanOf(job);
        _reports.Clear();
        foreach (var host in job.Hosts)
        {
            _reports[host] = new HostReport
            {
                Host = host,
                Incarnation = 1,
                Sequence = 0,
                SpecFingerprint = fingerprint,
                DataEndpoint = $"{host}:1",
                Trainers = [.. Enumerable.Range(0, ranksPerHost).Select(index => new TrainerReport
                {
                    LocalIndex = index, State = TrainerState.Waiting, ShardBytes = 1000, Liveness = $"{host}:{index}",
                })],
            };
        }

        var driver = new RootDriver(job, job.Hosts[0], new CoordinatorOptions(), new RootPorts
        {
            Records = new RecordDouble(),
            Calls = new AgentDoubles(),
            Probe = new AgentDoubles(),
            Members = () => [],
            Leave = () => { },
            Time = new HandClock(() => _now),
            Log = NullLogger.Instance,
        });
        Assert.True(driver.StartAsync().IsCompletedSuccessfully);
        var root = driver.Coordinator;
        Train(job, root, iteration: 5);
        // A second epoch, so that there is a plan with sources for its copies.
        var first = _reports[job.Hosts[0]];
        ReportAll(root, report => report.Host == first.Host ? report with { Trainers = [.. report.Trainers.Select(Exited)] } : report);
        Train(job, root, iteration: 8);
        Assert.Equal(new Epoch(2), root.Record.Epoch);
        Assert.NotNull(root.Record.Restore);

        // What the coordinator has decided is not in the store yet, so this report's answer waits for that.
        var last = _reports[job.Hosts[0]];
        await driver.ReportAsync(_reports[last.Host] = last with { Sequence = last.Sequence + 1 });
        return driver;
    }

    private static TrainerReport Exited(TrainerReport trainer) => trainer with { State = TrainerState.Exited };

    /// <summary>All hosts carry out their directives until all ranks have trained and captured this iteration.</summary>
    private void Train(JobSpec job, JobCoordinator root, long iteration)
    {
        for (var step = 0; step < 10 && (root.Phase != JobPhase.Running || _reports.Values.Any(report => report.Replicas.IsEmpty)); step++)
        {
            ReportAll(root, report => Follow(job, report, root.DirectiveFor(report.Host), iteration));
        }

        Assert.Equal(JobPhase.Running, root.Phase);
    }

    private HostReport Follow(JobSpec job, HostReport report, HostDirective directive, long iteration)
    {
        var (epoch, step) = (directive.Version.Epoch, directive.Version.Step);
        var trains = step == DirectiveStep.Run;
        var held = directive.Position is { } position
            ? job.RanksOf(position).Concat(_placement.HeldBy(position).SelectMany(job.RanksOf)).Select(rank => rank.Value).ToArray()
            : [];
        return report with
        {
            Done = directive.Version,
            Replicas = trains ? Jobs.Replicas(Jobs.Snapshot(iteration, epoch.Value), held) : report.Replicas,
            Trainers = [.. report.Trainers.Select(trainer => trainer with
            {
                State = trains ? TrainerState.Training : TrainerState.Waiting,
                Epoch = trains ? epoch : default,
                Iteration = new Iteration(trains ? iteration : 0),
                Captured = new Iteration(trains ? iteration : 0),
                IterationMilliseconds = trains ? 100 : 0,
                BusyMilliseconds = trains ? 90 : 0,
            })],
        };
    }

    private void ReportAll(JobCoordinator root, Func<HostReport, HostReport> change)
    {
        foreach (var report in _reports.Values.ToList())
        {
            var next = change(report);
            _reports[report.Host] = next = next with { Sequence = next.Sequence + 1 };
            root.Observe(next, _now);
        }

        root.Evaluate(_now += 10);
    }

    /// <summary>Every host reports once within a second. Returns the average cost of one report in the root agent.</summary>
    private (double Bytes, TimeSpan Elapsed) Round(RootDriver root)
    {
        // A report from the wire is always a new object, even if its content is old.
        var reports = _reports.Values.Select(report => report with
        {
            Sequence = report.Sequence + 1,
            Trainers = [.. report.Trainers.Select(trainer => trainer with { })],
            Replicas = [.. report.Replicas],
        }).ToImmutableArray();
        var (began, startedAt) = (_now, Stopwatch.GetTimestamp());
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < reports.Length; index++)
        {
            _now = began + (1000L * index / reports.Length);
            var answer = root.ReportAsync(reports[index]);
            Assert.True(answer.IsCompletedSuccessfully);
        }

        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        _now = began + 1000;
        foreach (var report in reports) _reports[report.Host] = report;
        return ((double)bytes / reports.Length, elapsed);
    }

    /// <summary>Its timers never fire.</summary>
    private sealed class HandClock(Func<long> now) : TimeProvider, ITimer
    {
        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => now();

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(now());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => this;

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
