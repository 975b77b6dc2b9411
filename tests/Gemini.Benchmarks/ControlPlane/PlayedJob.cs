using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.ControlPlane;

/// <summary>
/// The real coordinator of a job, and hosts that only report: each carries out at once what its directive says. One rank on each host, two replicas and
/// one standby; no bytes are copied. Only the coordinator's work is on the meters. As the root agent does, it takes in the reports that come together,
/// and decides afterwards if one of them is urgent.
/// </summary>
internal sealed class PlayedJob
{
    private const long ShardBytes = 1000;

    /// <summary>The root agent evaluates ten times a second, also without a report.</summary>
    private const int TicksOfAnIteration = 10;

    private readonly JobSpec _job;
    private readonly PlacementPlan _placement;
    private readonly JobCoordinator _root;
    private readonly Dictionary<HostName, HostReport> _reports = [];
    private long _now = 1000;

    /// <param name="hosts">Hosts that train.</param>
    public PlayedJob(int hosts)
    {
        var names = Enumerable.Range(0, hosts + 1).Select(index => new HostName($"host-{index}")).ToImmutableArray();
        _job = new JobSpec { Name = "played", Hosts = names[..^1], Standbys = [names[^1]], Replicas = 2 };
        _placement = JobPlacement.PlanOf(_job);
        _root = new JobCoordinator(_job, new RootRecord { Run = new JobRun(new Guid(1, 2, 3, new byte[8]), hosts) }, new CoordinatorOptions(), _now);
        foreach (var host in names)
        {
            _reports[host] = new HostReport
            {
                Host = host,
                Incarnation = 1,
                Sequence = 0,
                SpecFingerprint = _job.Fingerprint(),
                DataEndpoint = $"{host}:1",
                Trainers = [new TrainerReport { LocalIndex = 0, State = TrainerState.Waiting, ShardBytes = ShardBytes, Liveness = $"{host}:2" }],
            };
        }
    }

    public JobPhase Phase => _root.Phase;

    /// <summary>Each report: taken in and answered with a directive.</summary>
    public Meter Reports { get; } = new();

    /// <summary>Each message that a group has all its copies. The last one of an iteration is decided on at once.</summary>
    public Meter Commits { get; } = new();

    /// <summary>All other evaluations.</summary>
    public Meter Evaluations { get; } = new();

    public Meter Statuses { get; } = new();

    private IEnumerable<HostName> Assigned => _reports.Keys.Where(host => _root.DirectiveFor(host).Position is not null);

    /// <summary>All hosts report and do what they are told, until every rank trains and has captured this iteration.</summary>
    public void TrainTo(long iteration)
    {
        for (var round = 0; round < 20 && (Phase != JobPhase.Running || _root.Status(_job.Hosts[0], _now).Trained.Value < iteration); round++)
            ReportAll(report => Follow(report, _root.DirectiveFor(report.Host), iteration));
        if (Phase != JobPhase.Running) throw new InvalidOperationException($"the played job is {Phase}: {_root.Reason}");
    }

    /// <summary>Every host reports what it has reported before, as it does once a second.</summary>
    public void ReportNothingNew() => ReportAll(report => report);

    /// <summary>
    /// Every rank has trained one more iteration of a second, and every group has all its copies: the iteration is committed. Periodic evaluations are
    /// in between.
    /// </summary>
    public void Commit(long iteration)
    {
        TrainTo(iteration);
        var epoch = _root.Record.Epoch;
        var snapshot = new SnapshotId(new Iteration(iteration), epoch);
        for (var group = 0; group < _placement.Groups.Length; group++)
        {
            var shards = _placement.Groups[group].Members.SelectMany(_job.RanksOf).Select(rank => ReplicaOf(rank, snapshot)).ToImmutableArray();
            var turn = group;
            Commits.Measure(() =>
            {
                if (_root.ObserveComplete(turn, epoch, snapshot, shards)) _root.Evaluate(_now);
            });
        }

        for (var tick = 0; tick < TicksOfAnIteration; tick++) Evaluations.Measure(() => _root.Evaluate(_now += 100));
        if (_root.Status(_job.Hosts[0], _now).Committed.Value != iteration) throw new InvalidOperationException($"iteration {iteration} is not committed");
    }

    /// <summary>A host is lost. The others recover with the standby, until all train again.</summary>
    public void LoseHost(long iteration)
    {
        var lost = Assigned.First();
        _reports.Remove(lost);
        ImmutableArray<MemberView> members = [new MemberView(lost, 1, Dead: true), .. _reports.Keys.Select(host => new MemberView(host, 1, Dead: false))];
        _root.Observe(members, _now);
        _now += 60_000;
        Evaluations.Measure(() => _root.Evaluate(_now));
        TrainTo(iteration);
    }

    public void AskForStatus() => Statuses.Measure(() => _root.Status(_job.Hosts[0], _now));

    private void ReportAll(Func<HostReport, HostReport> change)
    {
        var isUrgent = false;
        foreach (var report in _reports.Values.ToList())
        {
            var next = change(report);
            // A report from the wire is always a new object, even if its content is old.
            next = next with { Sequence = next.Sequence + 1, Trainers = [.. next.Trainers.Select(trainer => trainer with { })], Replicas = [.. next.Replicas] };
            _reports[report.Host] = next;
            Reports.Measure(() =>
            {
                isUrgent |= _root.Observe(next, _now);
                _root.DirectiveFor(next.Host);
            });
        }

        if (isUrgent) Evaluations.Measure(() => _root.Evaluate(_now));
        _now += 10;
    }

    private static HostReport Follow(HostReport report, HostDirective directive, long iteration)
    {
        var epoch = directive.Version.Epoch;
        var trains = directive.Version.Step == DirectiveStep.Run && directive.Position is not null;
        var replicas = report.Replicas;
        if (trains)
        {
            var snapshot = new SnapshotId(new Iteration(iteration), epoch);
            replicas = [.. directive.Own.Concat(directive.Held).Select(shard => ReplicaOf(shard.Owner, snapshot))];
        }

        return report with
        {
            Done = directive.Version,
            Replicas = replicas,
            Trainers = [.. report.Trainers.Select(trainer => trainer with
            {
                State = trains ? TrainerState.Training : TrainerState.Waiting,
                Epoch = trains ? epoch : default,
                Iteration = new Iteration(trains ? iteration : 0),
                Captured = new Iteration(trains ? iteration : 0),
                IterationMilliseconds = trains ? 1000 : 0,
                BusyMilliseconds = trains ? 900 : 0,
            })],
        };
    }

    private static Replica ReplicaOf(Rank owner, SnapshotId snapshot) =>
        new(owner, snapshot, new ContentHash(((ulong)snapshot.Iteration.Value << 20) + (ulong)owner.Value), ShardBytes);
}
