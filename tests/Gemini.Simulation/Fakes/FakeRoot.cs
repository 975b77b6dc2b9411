using Gemini.Grains.Commit;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Fakes;

/// <summary>Drives a coordinator as the root agent grain does, and comes up on another host when its silo dies.</summary>
internal sealed class FakeRoot(FakeCluster cluster)
{
    /// <summary>How long the cluster takes to see a dead silo, and a grain to come up elsewhere.</summary>
    private const int DetectionMilliseconds = 300;

    private readonly CommitLedger[] _ledgers = [.. cluster.Placement.Groups.Select(group => new CommitLedger(cluster.Job, cluster.Placement, group))];
    private readonly List<HostReport> _underWay = [];
    private long _diedAt;

    public JobCoordinator? Coordinator { get; private set; }

    public HostName Host { get; private set; }

    /// <summary>Questions are decided on and never put, as when the record cannot be written.</summary>
    public bool LosesQuestions { get; set; }

    /// <summary>What the grain storage holds.</summary>
    public RootRecord Store { get; private set; } = new();

    /// <summary>The grain is gone, its silo may live.</summary>
    public void Kill()
    {
        Coordinator = null;
        _diedAt = cluster.Now;
    }

    /// <summary>The grain storage has lost the record, and the grain is gone.</summary>
    public void Forget()
    {
        Kill();
        Store = new RootRecord();
        cluster.Invariants.RecordWasLost = true;
    }

    public void Tick()
    {
        if (Coordinator is not null && !cluster[Host.Value].SiloAlive) Kill();
        if (Coordinator is null && cluster.Now - _diedAt >= DetectionMilliseconds) ComeUp();
        if (Coordinator is null) return;
        foreach (var host in cluster.Chaos.Shuffled(cluster.Hosts.Where(host => host.SiloAlive)))
        {
            Announce(host);
            Post(host.Report());
        }

        Evaluate();
    }

    private void ComeUp()
    {
        var live = cluster.Chaos.Shuffled(cluster.Hosts.Where(host => host.SiloAlive)).FirstOrDefault();
        if (live is null) return;
        Host = live.Name;
        Coordinator = new JobCoordinator(cluster.Job, Store, cluster.Options, cluster.Now);
        cluster.Invariants.RootCameUp(Coordinator);
    }

    /// <summary>Lost, doubled, late and re-ordered, if there is chaos.</summary>
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

    private void Receive(HostReport report)
    {
        Coordinator!.Observe(report, cluster.Now);
        Evaluate();
        Deliver(report.Host, Coordinator.DirectiveFor(report.Host));
    }

    private void Announce(FakeHost host)
    {
        if (host.Directive.Position is not { } position || host.Directive.Version.Step < DirectiveStep.Prepare || cluster.Chaos.Loses()) return;
        var replicas = host.Memory.Inventory().Where(replica => replica.Snapshot.Iteration >= host.Committed);
        var epoch = host.Directive.Version.Epoch;
        var group = cluster.Placement.GroupOf(position).Index;
        var skips = host.Skipped.Where(skip => skip.Epoch == epoch).Select(skip => skip.Iteration).Where(skip => skip > host.Committed);
        var outcome = _ledgers[group].Announce(position, epoch, [.. replicas], [.. skips]);
        host.Skipped.Clear();
        foreach (var complete in outcome.Complete) Coordinator!.ObserveComplete(group, epoch, complete.Snapshot, complete.Shards);
        foreach (var skipped in outcome.Skipped) Coordinator!.ObserveSkipped(epoch, skipped);
    }

    private void Evaluate()
    {
        Coordinator!.Observe(Members(), cluster.Now);
        var decision = Coordinator.Evaluate(cluster.Now);
        if (Coordinator.Fault is { } fault) throw new InvariantBrokenException($"the root agent could not decide: {fault}");
        Store = Coordinator.Record;
        foreach (var address in LosesQuestions ? [] : decision.Ask) Coordinator.ObserveAnswer(address, cluster.Ask(address));
        foreach (var (host, directive) in decision.Directives) Deliver(host, directive);
        if (decision.Commit is { } committed)
        {
            cluster.Invariants.Committed(Store.Epoch, committed);
            Tell(host => host.Commit(Store.Epoch, committed));
        }

        foreach (var abandoned in decision.Abandon) Tell(host => host.Abandon(Store.Epoch, abandoned));
    }

    private void Deliver(HostName host, HostDirective directive)
    {
        if (cluster.Hosts.SingleOrDefault(known => known.Name == host) is not { } target) return;
        cluster.Invariants.Sent(directive);
        if (target.SiloAlive && !cluster.Chaos.Loses()) target.Take(directive);
    }

    private void Tell(Action<FakeHost> message)
    {
        foreach (var host in cluster.Hosts.Where(host => host.SiloAlive && !cluster.Chaos.Loses())) message(host);
    }

    private List<MemberView> Members() =>
    [
        .. from host in cluster.Hosts
           from life in host.Lives.Select((diedAt, index) => (DiedAt: diedAt, Incarnation: index + 1L))
           select new MemberView(host.Name, life.Incarnation, life.DiedAt is { } died && cluster.Now - died >= DetectionMilliseconds),
    ];
}
