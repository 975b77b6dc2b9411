using Gemini.Grains.Commit;
using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;

namespace Gemini.Simulation.Fakes;

/// <summary>The root agent of a fake cluster: the real <see cref="RootDriver"/>, which comes up on another host when its silo dies.</summary>
internal sealed class FakeRoot(FakeCluster cluster)
{
    /// <summary>How long the cluster needs to detect a dead silo and to bring the grain up on another silo.</summary>
    private const int DetectionMilliseconds = 300;

    private readonly CommitLedger[] _ledgers = [.. cluster.Placement.Groups.Select(group => new CommitLedger(cluster.Job, cluster.Placement, group))];
    private readonly FakeRecords _records = new();
    private readonly List<HostReport> _underWay = [];
    private FakeRootLife? _life;
    private long _diedAt;

    public JobCoordinator? Coordinator => _life?.Driver.Coordinator;

    public HostName Host { get; private set; }

    /// <summary>Whether the root agent's probes of trainers are never sent, after it has decided on them.</summary>
    public bool LosesQuestions { get; set; }

    /// <summary>The record in the grain storage.</summary>
    public RootRecord Store => _records.Record;

    /// <summary>The grain ends; its silo may live.</summary>
    public void Kill()
    {
        _life?.End();
        _life = null;
        _diedAt = cluster.Now;
    }

    /// <summary>The grain storage loses the record, and the grain ends.</summary>
    public void Forget()
    {
        Kill();
        _records.Lose();
        cluster.Invariants.RecordWasLost = true;
    }

    public void Tick()
    {
        if (_life is not null && !cluster[Host.Value].SiloAlive) Kill();
        if (_life is null && cluster.Now - _diedAt >= DetectionMilliseconds) ComeUp();
        if (_life is null) return;
        foreach (var host in cluster.Chaos.Shuffled(cluster.Hosts.Where(host => host.SiloAlive)))
        {
            Announce(host);
            Post(host.Report());
        }

        Run(_ => Task.CompletedTask);
    }

    /// <summary>A directive reaches its host, or is lost.</summary>
    public void Deliver(HostName host, HostDirective directive)
    {
        if (cluster.Hosts.SingleOrDefault(known => known.Name == host) is not { } target) return;
        cluster.Invariants.Sent(directive);
        if (target.SiloAlive && !cluster.Chaos.Loses()) target.Take(directive);
    }

    public void Tell(IEnumerable<HostName> hosts, Action<FakeHost> message)
    {
        foreach (var host in hosts.Select(name => cluster[name.Value]).Where(host => host.SiloAlive && !cluster.Chaos.Loses()).ToList()) message(host);
    }

    public List<MemberView> Members() =>
    [
        .. from host in cluster.Hosts
           from life in host.Lives.Select((diedAt, index) => (DiedAt: diedAt, Incarnation: index + 1L))
           select new MemberView(host.Name, life.Incarnation, life.DiedAt is { } died && cluster.Now - died >= DetectionMilliseconds),
    ];

    private void ComeUp()
    {
        var live = cluster.Chaos.Shuffled(cluster.Hosts.Where(host => host.SiloAlive)).FirstOrDefault();
        if (live is null) return;
        Host = live.Name;
        _life = new FakeRootLife(cluster, _records);
        Run(driver => driver.StartAsync());
        cluster.Invariants.RootCameUp(Coordinator!);
    }

    /// <summary>With chaos the report may be lost, doubled, late or out of order.</summary>
    private void Post(HostReport report)
    {
        if (cluster.Chaos.Loses()) return;
        if (cluster.Chaos.Delays() || cluster.Chaos.Doubles())
        {
            _underWay.Add(report);
            if (cluster.Chaos.Delays()) return;
        }

        Receive(report);
        if (_underWay.Count == 0 || (cluster.Chaos.Delays() && !cluster.Chaos.Calm)) return;
        var late = cluster.Chaos.Shuffled(_underWay).ToList();
        _underWay.Clear();
        late.ForEach(Receive);
    }

    private void Receive(HostReport report) => Run(async driver => Deliver(report.Host, await driver.ReportAsync(report)));

    private void Announce(FakeHost host)
    {
        if (host.Directive.Position is not { } position || host.Directive.Version.Step < DirectiveStep.Prepare || cluster.Chaos.Loses()) return;
        var replicas = host.Memory.Inventory().Where(replica => replica.Snapshot.Iteration >= host.Committed);
        var epoch = host.Directive.Version.Epoch;
        var group = cluster.Placement.GroupOf(position).Index;
        var skips = host.Skipped.Where(skip => skip.Epoch == epoch).Select(skip => skip.Iteration).Where(skip => skip > host.Committed);
        var outcome = _ledgers[group].Announce(position, epoch, [.. replicas], [.. skips]);
        host.Skipped.Clear();
        foreach (var complete in outcome.Complete) Run(driver => driver.GroupCompleteAsync(group, epoch, complete.Snapshot, complete.Shards));
        foreach (var skipped in outcome.Skipped) Run(driver => driver.GroupSkippedAsync(epoch, skipped));
    }

    /// <summary>Calls the root agent, and runs all events that follow from the call and are due.</summary>
    private void Run(Func<RootDriver, Task> call)
    {
        if (_life is not { } life) return;
        cluster.Loop.Within(() =>
        {
            life.Launch(() => call(life.Driver));
            cluster.Loop.RunUntil(cluster.Now);
        });
        life.ThrowIfFailed();
        if (Coordinator?.Fault is { } fault) throw new InvariantBrokenException($"the root agent could not decide: {fault}");
    }
}
