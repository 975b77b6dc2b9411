using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>Which snapshot each link is told to send, and when links begin and end. A link itself is tested with the data port.</summary>
public sealed class ReplicatorTests : IAsyncDisposable
{
    private static readonly Rank Zero = new(0);

    private readonly HostBench _host = new(ranksPerHost: 2);
    private readonly Replicator _replicator;

    public ReplicatorTests() => _replicator = new Replicator(_host.Memory, _host.State, _host.Links);

    public async ValueTask DisposeAsync()
    {
        await _replicator.DisposeAsync();
        _host.Dispose();
    }

    [Fact]
    public void Configure_OpensALinkForEachOwnShardAndHolder_AndOffersTheNewestSealedSnapshotOfEach()
    {
        _host.Hold(Jobs.Snapshot(4), 0);
        _host.Hold(Jobs.Snapshot(5), 0, 1);
        // A copy that this host holds for another one is not sent.
        _host.Hold(Jobs.Snapshot(5), 2);

        Configure(epoch: 1);

        Assert.Equal(
            [
                "link 0 to h1 begins epoch 1", "link 1 to h1 begins epoch 1",
                "link 0 to h1 gets 5@1 in epoch 1 and keeps 4", "link 1 to h1 gets 5@1 in epoch 1 and keeps 0",
            ],
            _host.Journal);
    }

    [Fact]
    public void Configure_TheSameEpochAgain_DoesNothing()
    {
        Configure(epoch: 1);
        _host.TakeJournal();

        Configure(epoch: 1);

        Assert.Empty(_host.Journal);
        Assert.Equal(2, _host.Links.Opened.Count);
    }

    /// <summary>A fault that keeps an old link from sending ends with the old epoch.</summary>
    [Fact]
    public void Configure_ANewEpoch_EndsTheOldLinks_AndOpensNewOnes()
    {
        Configure(epoch: 1);
        _host.Links.Opened[0].Fail("the connection hangs");
        _host.TakeJournal();

        Configure(epoch: 2);

        Assert.Equal(["link 0 to h1 ends", "link 1 to h1 ends", "link 0 to h1 begins epoch 2", "link 1 to h1 begins epoch 2"], _host.Journal);
        Assert.Empty(_replicator.Problems);
    }

    [Fact]
    public void Offer_GoesToTheLinksOfTheOwnerAlone()
    {
        Configure(epoch: 3);
        _host.TakeJournal();

        _replicator.Offer(new Rank(1), Jobs.Snapshot(6, epoch: 3));
        _replicator.Offer(new Rank(5), Jobs.Snapshot(6, epoch: 3));

        Assert.Equal(["link 1 to h1 gets 6@3 in epoch 3 and keeps 0"], _host.Journal);
    }

    /// <summary>
    /// The holder keeps what is in the owner's other slot. If that slot is empty, the holder keeps what this host knows to be committed. The snapshot that
    /// is offered is in a slot itself once it is sealed, and other ranks' copies do not count.
    /// </summary>
    [Theory]
    [InlineData(new long[] { }, 8)]
    [InlineData(new long[] { 9 }, 8)]
    [InlineData(new long[] { 8 }, 8)]
    [InlineData(new long[] { 6 }, 6)]
    [InlineData(new long[] { 9, 6 }, 6)]
    [InlineData(new long[] { 7, 8 }, 8)]
    public void Offer_SaysWhichIterationTheHolderKeeps(long[] held, long kept)
    {
        foreach (var iteration in held) _host.Hold(Jobs.Snapshot(iteration), 0);
        _host.Hold(Jobs.Snapshot(7), 1);
        Take(_host.Directive(DirectiveStep.Halt) with { Committed = new Iteration(8) });
        Configure(epoch: 1);
        _host.TakeJournal();

        _replicator.Offer(Zero, Jobs.Snapshot(9));

        Assert.Equal([$"link 0 to h1 gets 9@1 in epoch 1 and keeps {kept}"], _host.Journal);
    }

    [Fact]
    public void Stop_TellsEveryLinkThatItsEpochIsOver()
    {
        Configure(epoch: 1);
        _host.TakeJournal();

        _replicator.Stop(new Epoch(2));

        Assert.Equal(["link 0 to h1 begins epoch 2", "link 1 to h1 begins epoch 2"], _host.Journal);
    }

    [Fact]
    public void Withdraw_TellsEveryLink()
    {
        Configure(epoch: 1);
        _host.TakeJournal();

        _replicator.Withdraw(Jobs.Snapshot(9));

        Assert.Equal(["link 0 to h1 no longer gets 9@1", "link 1 to h1 no longer gets 9@1"], _host.Journal);
    }

    /// <summary>A silo that restarts within its epoch may come back with another port.</summary>
    [Fact]
    public void Links_SendToThePortThatTheNewestDirectiveNames()
    {
        Configure(epoch: 1);
        Assert.Equal("", _host.Links.Opened[0].Endpoint);

        Take(_host.Directive(DirectiveStep.Run));
        Assert.Equal("h1:1", _host.Links.Opened[0].Endpoint);

        Take(_host.Directive(DirectiveStep.Run) with { DataEndpoints = ImmutableDictionary<HostName, string>.Empty.Add(Jobs.Host(1), "h1:2") });
        Assert.Equal("h1:2", _host.Links.Opened[0].Endpoint);
    }

    [Fact]
    public void Problems_AreSortedByOwnerAndHolder_AndEveryChangeIsTold()
    {
        var changes = 0;
        _replicator.Changed += () => changes++;
        var directive = _host.Directive(DirectiveStep.Run);
        Configure(directive with { Own = [.. directive.Own.Select(shard => shard with { Holders = [Jobs.Host(2), Jobs.Host(1)] })] });
        foreach (var link in Enumerable.Reverse(_host.Links.Opened)) link.Fail("refused");

        Assert.Equal([(0, "h1"), (0, "h2"), (1, "h1"), (1, "h2")], _replicator.Problems.Select(problem => (problem.Owner.Value, problem.Holder.Value)));
        Assert.Equal(4, changes);
    }

    [Fact]
    public async Task Dispose_EndsEveryLink_AndLaterOffersGoNowhere()
    {
        Configure(epoch: 1);
        _host.TakeJournal();

        await _replicator.DisposeAsync();
        _replicator.Offer(Zero, Jobs.Snapshot(6));

        Assert.Equal(["link 0 to h1 ends", "link 1 to h1 ends"], _host.Journal);
    }

    private void Configure(long epoch) => Configure(_host.Directive(DirectiveStep.Run, epoch));

    private void Configure(HostDirective directive) => _replicator.Configure(directive);

    private void Take(HostDirective directive) => _host.State.Take(directive);
}
