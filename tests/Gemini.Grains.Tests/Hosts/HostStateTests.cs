using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

public sealed class HostStateTests
{
    private readonly HostState _state = new();

    [Fact]
    public void Commit_IsNewsOnce()
    {
        Take(1, DirectiveStep.Run, committed: 10);
        Assert.True(_state.Commit(new Epoch(1), new Iteration(11)));
        Assert.False(_state.Commit(new Epoch(1), new Iteration(11)));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData((1L << 40) + 1)]
    [InlineData(-1)]
    public void Take_AnEpochThatCannotBe_ChangesNothing(long epoch)
    {
        Take(1, DirectiveStep.Run, committed: 10);
        Assert.False(_state.Take(new HostDirective { Version = new DirectiveVersion(new Epoch(epoch), DirectiveStep.Halt) }));
        Assert.Equal(new Epoch(1), _state.Directive.Version.Epoch);
    }

    /// <summary>After a return to an older snapshot in storage, the same iterations are committed again.</summary>
    [Fact]
    public void Commit_AfterAPlanThatWentBackBeforeTheCommitted_IsNewsAgain()
    {
        Take(1, DirectiveStep.Run, committed: 11);
        Take(2, DirectiveStep.Halt, committed: 11);
        Take(2, DirectiveStep.Prepare, committed: 8);
        Take(2, DirectiveStep.Run, committed: 8);

        Assert.Equal(new Iteration(8), _state.Committed);
        Assert.True(_state.Commit(new Epoch(2), new Iteration(9)));
    }

    [Fact]
    public void Take_ADirectiveOfTheSameStepAgain_KeepsWhatIsCommitted()
    {
        Take(1, DirectiveStep.Run, committed: 8);
        _state.Commit(new Epoch(1), new Iteration(9));
        Take(1, DirectiveStep.Run, committed: 8);
        Assert.Equal(new Iteration(9), _state.Committed);
    }

    /// <summary>A directive is checked with all its ring endpoints, whether they were sent with it or before.</summary>
    [Fact]
    public void Complete_WithoutRingEndpoints_HasThoseThatTheHostHas()
    {
        var run = new HostDirective { Version = new DirectiveVersion(new Epoch(1), DirectiveStep.Run) };
        Assert.Empty(_state.Complete(run).RingEndpoints);
        Assert.Equal(0UL, _state.RingHash);

        _state.Take(run with { RingEndpoints = ["a:1", "b:1"] });
        Assert.NotEqual(0UL, _state.RingHash);
        Assert.Equal(["a:1", "b:1"], _state.Complete(run).RingEndpoints);
        Assert.Equal(["c:1", "b:1"], _state.Complete(run with { RingEndpoints = ["c:1", "b:1"] }).RingEndpoints);

        var next = run with { Version = new DirectiveVersion(new Epoch(2), DirectiveStep.Prepare) };
        Assert.Empty(_state.Complete(next).RingEndpoints);
        _state.Take(next);
        Assert.Equal(["a:1", "b:1"], _state.Complete(next with { Version = new DirectiveVersion(new Epoch(2), DirectiveStep.Run) }).RingEndpoints);
    }

    [Fact]
    public void RingHash_TellsEndpointsApart()
    {
        var run = new HostDirective { Version = new DirectiveVersion(new Epoch(1), DirectiveStep.Run), RingEndpoints = ["a:1", "b:1"] };
        _state.Take(run);
        var first = _state.RingHash;
        _state.Take(run with { RingEndpoints = ["a:1", "b:1"] });
        Assert.Equal(first, _state.RingHash);
        _state.Take(run with { RingEndpoints = ["a:1", "b:2"] });
        Assert.NotEqual(first, _state.RingHash);
    }

    /// <summary>
    /// Otherwise a report could say that the host runs the epoch and that its trainer waits. The root agent would take this for a trainer that died
    /// and restarted.
    /// </summary>
    [Fact]
    public void AllLoading_OnlyOnceTheTrainerIsReportedToLoad_AndOnlyInThisEpoch()
    {
        var rank = new Rank(0);
        Take(1, DirectiveStep.Run, committed: 0);
        _state.OfferRestorePoints(new Epoch(1), ImmutableDictionary<Rank, RestorePoint>.Empty.Add(rank, Point(1)));
        Assert.NotNull(_state.HandRestorePoint(rank, after: default, processId: 7));
        Assert.False(_state.AllLoading([rank]));

        _state.MarkLoading(rank, new Epoch(1));
        Assert.True(_state.AllLoading([rank]));

        Take(2, DirectiveStep.Halt, committed: 0);
        Assert.False(_state.AllLoading([rank]));
        _state.MarkLoading(rank, new Epoch(1));
        Assert.False(_state.AllLoading([rank]));
    }

    /// <summary>A root agent that has just come up does not know the host, or knows only that its silo died.</summary>
    [Fact]
    public void EndpointOf_ADirectiveThatDoesNotNameTheHost_KeepsTheLastOneKnown()
    {
        var host = new HostName("h");
        Assert.Equal("", _state.EndpointOf(host));
        _state.Take(Named("a:1"));
        _state.Take(Named("a:2"));
        _state.Take(Named(""));
        _state.Take(new HostDirective { Version = new DirectiveVersion(new Epoch(1), DirectiveStep.Run) });
        Assert.Equal("a:2", _state.EndpointOf(host));

        HostDirective Named(string endpoint) => new()
        {
            Version = new DirectiveVersion(new Epoch(1), DirectiveStep.Run),
            DataEndpoints = ImmutableDictionary<HostName, string>.Empty.Add(host, endpoint),
        };
    }

    /// <summary>An older directive may come late, by another way than the newer one.</summary>
    [Fact]
    public void Take_AnOlderDirective_ChangesNothing()
    {
        Take(2, DirectiveStep.Prepare, committed: 8);

        Assert.False(_state.Take(new HostDirective { Version = new DirectiveVersion(new Epoch(2), DirectiveStep.Halt), Committed = new Iteration(9) }));
        Assert.False(_state.Take(new HostDirective { Version = new DirectiveVersion(new Epoch(1), DirectiveStep.Run) }));

        Assert.Equal(new DirectiveVersion(new Epoch(2), DirectiveStep.Prepare), _state.Directive.Version);
    }

    /// <summary>A report depends on the state, so each change is told. Nothing is told twice.</summary>
    [Fact]
    public void Changed_IsRaisedForEachChange_AndForNothingElse()
    {
        var changes = 0;
        _state.Changed += () => changes++;
        Action[] each =
        [
            () => Take(1, DirectiveStep.Halt, committed: 0),
            () => _state.MarkDone(new DirectiveVersion(new Epoch(1), DirectiveStep.Halt)),
            () => _state.SetProblem("no room"),
            () => _state.SetProblem(null),
            () => _state.Commit(new Epoch(1), new Iteration(5)),
            () => _state.MarkLoading(new Rank(0), new Epoch(1)),
            () => _state.Leave(),
            () => _state.Take(_state.Directive with { Leave = new LeaveDirective(LeaveCause.Released, "") }),
        ];

        for (var index = 0; index < each.Length; index++)
        {
            each[index]();
            Assert.Equal((index, 1), (index, changes));
            each[index]();
            Assert.Equal((index, 1), (index, changes));
            changes = 0;
        }
    }

    [Fact]
    public void MarkDone_OfAnEpochThatIsOver_OrOfAnEarlierStep_IsIgnored()
    {
        Take(2, DirectiveStep.Prepare, committed: 0);
        _state.MarkDone(new DirectiveVersion(new Epoch(2), DirectiveStep.Prepare));

        _state.MarkDone(new DirectiveVersion(new Epoch(1), DirectiveStep.Run));
        _state.MarkDone(new DirectiveVersion(new Epoch(3), DirectiveStep.Halt));
        _state.MarkDone(new DirectiveVersion(new Epoch(2), DirectiveStep.Halt));

        Assert.Equal(new DirectiveVersion(new Epoch(2), DirectiveStep.Prepare), _state.Done);
    }

    /// <summary>The host that found a bad copy during the last epoch must not ask for a new plan in this one.</summary>
    [Fact]
    public void MarkNeedsNewPlan_NamesTheNewestDirective_AndIsIgnoredInAnotherEpoch()
    {
        Take(2, DirectiveStep.Run, committed: 0);
        _state.MarkNeedsNewPlan(new Epoch(1), "an old plan");
        Assert.Equal((default, ""), (_state.NeedsNewPlan, _state.NewPlanReason));

        _state.MarkNeedsNewPlan(new Epoch(2), "its copy is bad");

        Assert.Equal((new DirectiveVersion(new Epoch(2), DirectiveStep.Run), "its copy is bad"), (_state.NeedsNewPlan, _state.NewPlanReason));
    }

    /// <summary>Only the silo process that prepared the epoch may send trainers into it.</summary>
    [Fact]
    public void PreparedHere_UntilTheNextEpoch()
    {
        Take(1, DirectiveStep.Run, committed: 0);
        Assert.False(_state.PreparedHere);

        _state.MarkDone(new DirectiveVersion(new Epoch(1), DirectiveStep.Prepare));
        Assert.True(_state.PreparedHere);

        Take(2, DirectiveStep.Halt, committed: 0);
        Assert.False(_state.PreparedHere);
    }

    [Fact]
    public void OfferRestorePoints_OfAnotherEpoch_IsIgnored_AndANewEpochWithdrawsThem()
    {
        var rank = new Rank(0);
        Take(1, DirectiveStep.Run, committed: 0);
        _state.OfferRestorePoints(new Epoch(2), ImmutableDictionary<Rank, RestorePoint>.Empty.Add(rank, Point(2)));
        Assert.Null(_state.HandRestorePoint(rank, after: default, processId: 7));

        _state.OfferRestorePoints(new Epoch(1), ImmutableDictionary<Rank, RestorePoint>.Empty.Add(rank, Point(1)));
        Assert.NotNull(_state.HandRestorePoint(rank, after: default, processId: 7));
        Take(2, DirectiveStep.Halt, committed: 0);

        Assert.Null(_state.HandRestorePoint(rank, after: default, processId: 7));
    }

    private static RestorePoint Point(long epoch) =>
        new() { Epoch = new Epoch(epoch), Slots = [], RingEndpoints = [] };

    /// <summary>A host obeys one plan in an epoch, whoever sends another.</summary>
    [Fact]
    public void Take_AnotherPlanInTheSameEpoch_IsRefused_AndTheFirstStays()
    {
        var prepare = new HostDirective { Version = new DirectiveVersion(new Epoch(2), DirectiveStep.Prepare), Position = new HostPosition(0) };
        _state.Take(prepare);

        Assert.Throws<InvariantViolatedException>(() => _state.Take(prepare with { Position = new HostPosition(1) }));

        Assert.Same(prepare, _state.Directive);
    }

    private void Take(long epoch, DirectiveStep step, long committed) => _state.Take(new HostDirective
    {
        Version = new DirectiveVersion(new Epoch(epoch), step),
        Committed = new Iteration(committed),
    });
}
