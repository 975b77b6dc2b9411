using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>One right directive of each step, and every way in which it may contradict itself, the job, or the one before.</summary>
public sealed class DirectiveRulesTests
{
    private static readonly JobSpec Job = Jobs.Spec(hosts: 2, replicas: 2, ranksPerHost: 2);

    private static readonly HostDirective Halt = new() { Version = new DirectiveVersion(new Epoch(2), DirectiveStep.Halt), Position = new HostPosition(1) };

    private static readonly HostDirective Prepare = Halt with
    {
        Version = new DirectiveVersion(new Epoch(2), DirectiveStep.Prepare),
        Restore = Jobs.Snapshot(7),
        Committed = new Iteration(7),
        Own = [Own(2), Own(3)],
        Held = [new ShardDirective { Owner = new Rank(0), PayloadBytes = 1000 }],
    };

    private static readonly HostDirective Run = Prepare with
    {
        Version = new DirectiveVersion(new Epoch(2), DirectiveStep.Run),
        RingEndpoints = ["a:1", "b:1", "c:1", "d:1"],
    };

    public static TheoryData<string, HostDirective> Wrong => new()
    {
        { "a plan before there is one", Halt with { Restore = Jobs.Snapshot(7) } },
        { "a plan before there is one", Halt with { Own = Prepare.Own } },
        { "without a position", Prepare with { Position = null } },
        { "has guests", Prepare with { Guests = [new GuestCopy(Jobs.Replica(0, Jobs.Snapshot(7)), [])] } },
        { "0 ring endpoints", Run with { RingEndpoints = [] } },
        { "4 ring endpoints", Prepare with { RingEndpoints = Run.RingEndpoints } },
        { "only 6 is committed", Prepare with { Committed = new Iteration(6) } },
        { "1 own shards", Prepare with { Own = [Own(2)] } },
        { "the shard of rank 0", Prepare with { Own = [Own(0), Own(3)] } },
        { "has 0 bytes", Prepare with { Own = [Own(2) with { PayloadBytes = 0 }, Own(3)] } },
        { "restores nothing", Prepare with { Restore = null } },
        { "from 1 hosts and storage", Prepare with { Own = [Own(2), Own(3) with { InStorage = true }] } },
        { "from 0 hosts and no storage", Prepare with { Own = [Own(2), Own(3) with { Sources = [] }] } },
    };

    [Fact]
    public void RightOnes_Pass()
    {
        foreach (var directive in (HostDirective[])[Halt, Prepare, Run, Prepare with { Own = [Own(2), Own(3) with { InStorage = true, Sources = [] }] }])
            DirectiveRules.Check(directive, Job);
        DirectiveRules.Check(new HostDirective { Version = Run.Version, RingEndpoints = Run.RingEndpoints, Restore = Run.Restore, Committed = Run.Committed }, Job);
        DirectiveRules.CheckFollows(Prepare, Halt);
        DirectiveRules.CheckFollows(Run, Prepare);
        DirectiveRules.CheckFollows(Halt with { Version = new DirectiveVersion(new Epoch(3), DirectiveStep.Halt), Position = null }, Run);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void WrongOne_IsAMistakeThatNamesIt(string what, HostDirective directive) =>
        Assert.Contains(what, Assert.Throws<InvariantViolatedException>(() => DirectiveRules.Check(directive, Job)).Message);

    [Fact]
    public void WithinAnEpoch_ThePlanStays()
    {
        Assert.Throws<InvariantViolatedException>(() => DirectiveRules.CheckFollows(Run with { Position = new HostPosition(0) }, Prepare));
        Assert.Throws<InvariantViolatedException>(() => DirectiveRules.CheckFollows(Run with { Restore = Jobs.Snapshot(6) }, Prepare));
    }

    private static ShardDirective Own(int rank) => new()
    {
        Owner = new Rank(rank),
        PayloadBytes = 1000,
        Hash = new ContentHash(5),
        Sources = [Jobs.Host(0)],
    };
}
