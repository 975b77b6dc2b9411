using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Domains;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Positions by failure domains, at the start and after a loss, and the ranks in a time line.</summary>
public sealed class JobCoordinatorPlacementTests
{
    private static readonly JobSpec Job = Jobs.Spec(hosts: 4, replicas: 2) with
    {
        Domains = ["rack"],
        Labels =
        [
            Rack(Jobs.Host(0), "r1"), Rack(Jobs.Host(1), "r1"), Rack(Jobs.Host(2), "r2"), Rack(Jobs.Host(3), "r2"), Rack(new HostName("near"), "r1"),
        ],
    };

    private readonly Dictionary<HostName, HostReport> _reports = [];
    private readonly HashSet<HostName> _dead = [];
    private JobCoordinator _coordinator = new(Job, new RootRecord(), new CoordinatorOptions(), 0);
    private long _now = 1000;

    [Fact]
    public void FirstStart_PositionsAreThoseOfTheArrangement()
    {
        Start();

        Assert.Equal(JobPlacement.ArrangementOf(Job).Hosts.Select(host => host.Host), _coordinator.Record.Assignment.Select(host => host!.Value));
        Assert.NotEqual(Job.Hosts, [.. _coordinator.Record.Assignment.Select(host => host!.Value)]);
        var status = _coordinator.Status(default, _now);
        Assert.Empty(status.Placement.Warnings);
        Assert.Equal("rack=r1", status.Hosts.Single(host => host.Report.Host == Jobs.Host(0)).Domain);
    }

    /// <summary>Of the two standbys, the first by name is in the rack of the other holder. The second standby reports its own rack.</summary>
    [Fact]
    public void HostLost_TheStandbyInAnotherRackTakesItsPosition()
    {
        Start("near", "other");
        var lost = HostIn("r2");
        var before = _coordinator.Record.Assignment;
        Lose(lost);

        Assert.Equal(new HostName("other"), _coordinator.Record.Assignment[before.IndexOf(lost)]);
        Assert.Equal(JobPhase.Running, _coordinator.Phase);
        Assert.Empty(_coordinator.Status(default, _now).Placement.Warnings);
    }

    [Fact]
    public void HostLost_OnlyAStandbyInTheSameRack_IsTakenAndSaid()
    {
        Start("near");
        var lost = HostIn("r2");
        Lose(lost);

        Assert.Contains("near takes position", Assert.Single(_coordinator.Record.Recoveries).Reason);
        var warning = Assert.Single(_coordinator.Status(default, _now).Placement.Warnings);
        Assert.Contains("near", warning);
        Assert.Contains("standbys took over", warning);
    }

    [Fact]
    public void Resumed_TheTimeLineHasWhatTheHostsMeasured_OfTheNewestRecoveriesOnly()
    {
        _coordinator = new JobCoordinator(Job, new RootRecord(), new CoordinatorOptions { RetainedRecoveryDetails = 1 }, 0);
        Start("near", "other");
        Lose(HostIn("r2"));
        Lose(HostIn("r2"));

        var recoveries = _coordinator.Record.Recoveries;
        Assert.Equal(2, recoveries.Length);
        Assert.Empty(recoveries[0].Ranks);
        Assert.Equal([0, 1, 2, 3], recoveries[1].Ranks.Select(rank => rank.Rank.Value));
        Assert.All(recoveries[1].Ranks, rank => Assert.Equal(recoveries[1].Epoch, rank.Epoch));
        // One rank's copy came from a peer, the other ranks' copies from own memory.
        Assert.Equal((1000, 1000), (recoveries[0].FetchedBytes, recoveries[1].FetchedBytes));
        Assert.Equal(1, recoveries[1].IterationsLost);
    }

    private static HostLabel Rack(HostName host, string rack) => new(host, "rack", rack);

    private void Start(params string[] standbys)
    {
        foreach (var host in Job.Hosts.Concat(standbys.Select(name => new HostName(name)))) _reports[host] = Blank(host);
        Settle();
        Assert.Equal(JobPhase.Running, _coordinator.Phase);
    }

    private HostName HostIn(string rack) => _coordinator.Record.Assignment.OfType<HostName>()
        .First(host => new HostLabelBook(Job).Of(host, _reports[host].Labels).ValueOf("rack") == rack);

    /// <summary>The host's silo dies, the trainers of its neighbours notice it, and the cluster runs until training continues.</summary>
    private void Lose(HostName lost)
    {
        _dead.Add(lost);
        var rank = _coordinator.Record.Assignment.IndexOf(lost);
        foreach (var (host, report) in _reports.Where(entry => !_dead.Contains(entry.Key)).ToList())
        {
            _reports[host] = report with
            {
                Trainers = [.. report.Trainers.Select(trainer => trainer with { State = TrainerState.Interrupted, LostPeer = new Rank(rank) })],
            };
        }

        Observe();
        Settle();
    }

    /// <summary>Every present host carries out its directive at once, until there is no new directive.</summary>
    private void Settle()
    {
        for (var round = 0; round < 20; round++)
        {
            Observe();
            foreach (var host in _reports.Keys.Where(host => !_dead.Contains(host)).ToList())
                _reports[host] = Obey(_reports[host], _coordinator.DirectiveFor(host));
        }
    }

    private void Observe()
    {
        _now += 100;
        _coordinator.Observe([.. _reports.Keys.Select(host => new MemberView(host, 1, _dead.Contains(host)))], _now);
        foreach (var (host, report) in _reports.Where(entry => !_dead.Contains(entry.Key)).ToList())
        {
            _reports[host] = report with { Sequence = report.Sequence + 1 };
            _coordinator.Observe(_reports[host], _now);
        }

        _coordinator.Evaluate(_now);
    }

    private static HostReport Blank(HostName host) => new()
    {
        Host = host,
        Incarnation = 1,
        Sequence = 1,
        SpecFingerprint = Job.Fingerprint(),
        DataEndpoint = $"data:{host}",
        Labels = host.Value == "other" ? [Rack(host, "r3")] : [],
        Trainers = [new TrainerReport { LocalIndex = 0, State = TrainerState.Waiting, ShardBytes = 1000, RingEndpoint = $"ring:{host}" }],
    };

    private static HostReport Obey(HostReport report, HostDirective directive)
    {
        var trainer = report.Trainers[0];
        var (version, from) = (directive.Version, directive.Restore?.Iteration.Value ?? 0);
        var isRunning = version.Step >= DirectiveStep.Run && directive.Position is not null;
        return report with
        {
            Done = version,
            Trainers =
            [
                isRunning
                    ? trainer with { State = TrainerState.Training, LostPeer = null, Epoch = version.Epoch, Iteration = new Iteration(from + 2), Captured = new Iteration(from + 1) }
                    : trainer with { State = TrainerState.Waiting, LostPeer = null },
            ],
            Replicas = !isRunning
                ? report.Replicas
                : [.. directive.Own.Concat(directive.Held).Select(shard => Jobs.Replica(shard.Owner.Value, Jobs.Snapshot(from + 1, version.Epoch.Value)))],
            Restored = version.Step < DirectiveStep.Prepare ? report.Restored : [.. directive.Own.Select(shard => Restored(report.Host, shard, version.Epoch))],
        };
    }

    private static RankRestore Restored(HostName host, ShardDirective shard, Epoch epoch)
    {
        var source = shard.Sources.IsEmpty ? CopySource.None : shard.Sources[0] == host ? CopySource.Local : CopySource.Peer;
        return new RankRestore { Rank = shard.Owner, Epoch = epoch, Source = source, Bytes = shard.PayloadBytes, FetchMilliseconds = 2 };
    }
}
