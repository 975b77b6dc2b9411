using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>What a directive costs: it is made again only if something in it changes, and it does not grow with the number of hosts.</summary>
public sealed class DirectiveDeskTests
{
    private static readonly HostName Host = new("h3");

    private readonly SimulatedJob _cluster = new(hosts: 8, replicas: 2, standbys: 1);

    private HostDirective Directive => _cluster.Coordinator!.DirectiveFor(Host);

    [Fact]
    public void NothingIsNew_IsTheSameDirective()
    {
        _cluster.Train(iterations: 3);
        Assert.Same(Directive, Directive);
    }

    [Fact]
    public void Commit_IsInTheNextDirective_AndItsShardsStay()
    {
        _cluster.Train(iterations: 3);
        var before = Directive;
        _cluster.Train(iterations: 1);
        Assert.True(Directive.Committed > before.Committed);
        Assert.Equal(before.Own, Directive.Own);
        Assert.Equal(before.DataEndpoints, Directive.DataEndpoints);
    }

    [Fact]
    public void Endpoints_AreThoseOfTheHostsThatItNames()
    {
        _cluster.Train(iterations: 3);
        var named = Directive.Own.SelectMany(shard => shard.Holders.Concat(shard.Sources)).Concat(Directive.Held.SelectMany(shard => shard.Sources));
        Assert.Equal(named.Distinct().Order(), Directive.DataEndpoints.Keys.Order());
        Assert.InRange(Directive.DataEndpoints.Count, 1, 2);
    }

    /// <summary>After a recovery the plan names sources too, and the lost host's place is taken by another one.</summary>
    [Fact]
    public void Endpoints_AfterARecovery_IncludeThoseOfTheSources()
    {
        _cluster.Train(iterations: 3);
        _cluster.KillHost(Host.Value);
        _cluster.Train(iterations: 3);
        var standby = _cluster.Coordinator!.DirectiveFor(new HostName("s1"));
        var sources = standby.Own.Single().Sources;
        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.Contains(source, standby.DataEndpoints.Keys));
    }

    [Fact]
    public void RingEndpoints_AreLeftOutForAHostThatHasThem()
    {
        _cluster.Train(iterations: 3);
        Assert.Equal(DirectiveStep.Run, Directive.Version.Step);
        Assert.Empty(Directive.RingEndpoints);
        Assert.Equal(8, _cluster[Host.Value].Silo!.State.Directive.RingEndpoints.Length);
    }

    /// <summary>A host of an earlier version refuses a directive to train without them.</summary>
    [Fact]
    public void RingEndpoints_AreSentToAHostThatDoesNotSayThatItHasThem()
    {
        _cluster.Train(iterations: 3);
        var report = _cluster.ReportOf(_cluster[Host.Value]);
        Assert.NotEqual(0UL, report.RingHash);
        _cluster.Coordinator!.Observe(report with { RingHash = 0 }, _cluster.Now);
        Assert.Equal(8, Directive.RingEndpoints.Length);
    }

    [Fact]
    public void RingEndpoints_AreSentToANewSilo()
    {
        _cluster.Train(iterations: 3);
        var report = _cluster.ReportOf(_cluster[Host.Value]);
        _cluster.KillSilo(Host.Value);
        _cluster.RunFor(1000);
        _cluster.Start(Host.Value);
        _cluster.Train(iterations: 3);
        var adopted = _cluster.ReportOf(_cluster[Host.Value]);
        Assert.True(adopted.Incarnation > report.Incarnation);
        Assert.Equal(8, _cluster[Host.Value].Silo!.State.Directive.RingEndpoints.Length);
    }
}
