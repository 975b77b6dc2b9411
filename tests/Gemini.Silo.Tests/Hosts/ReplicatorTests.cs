using System.Collections.Immutable;
using System.Net;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Transfer;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Logging.Abstractions;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Hosts;

/// <summary>Which copies are sent to which holder, by the newest directive, over real sockets.</summary>
public sealed class ReplicatorTests : IAsyncLifetime
{
    private static readonly Rank Zero = new(0);
    private static readonly HostName Holder = new("holder");
    private readonly HostState _state = new();
    private TestHost _owner = null!;
    private TestHost _holder = null!;
    private Replicator _replicator = null!;
    private string _holderEndpoint = "";

    public async ValueTask InitializeAsync()
    {
        _owner = await new TestHost().ListenAsync();
        _holder = await new TestHost().ListenAsync(TestPorts.Next());
        _holderEndpoint = _holder.Endpoint;
        _owner.Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        _holder.Memory.EnsureShard(Zero, PayloadBytes);
        _replicator = new Replicator(
            _owner.Memory, _state, _owner.NewSenders(TestHost.OpenGate));
    }

    public async ValueTask DisposeAsync()
    {
        await _replicator.DisposeAsync();
        await _owner.DisposeAsync();
        await _holder.DisposeAsync();
    }

    [Fact]
    public async Task Configure_ANewHolder_IsSentTheNewestSealedSnapshot()
    {
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        _owner.Files.Capture(Zero, 1, Snapshot(2));
        Begin(committed: 1);
        await HeldAsync(2);
    }

    /// <summary>
    /// The trainer may learn of the commit of 2 before its silo, and capture 3 into the slot of 1. Then the holder must also overwrite 1 and not 2,
    /// although 1 is the newest commit that this silo knows.
    /// </summary>
    [Fact]
    public async Task Offer_TheSiloKnowsAnOlderCommitThanItsTrainer_TheHolderKeepsWhatTheOwnerKeeps()
    {
        Begin(committed: 1);
        await CaptureAsync(slot: 0, iteration: 1, held: [1]);
        await CaptureAsync(slot: 1, iteration: 2, held: [1, 2]);
        await CaptureAsync(slot: 0, iteration: 3, held: [2, 3]);
    }

    [Fact]
    public async Task Stop_NothingOfTheEpochIsSentAnyMore()
    {
        Begin(committed: 0);
        _replicator.Stop(new Epoch(2));
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        _replicator.Offer(Zero, Snapshot(1));
        Begin(committed: 0, epoch: 2);
        await HeldAsync(1);
        Assert.Equal(PayloadBytes, _owner.Counters.Report.SentBytes);
    }

    /// <summary>A silo that restarts within the silo grace may listen at another port, and its epoch continues.</summary>
    [Fact]
    public async Task Offer_HolderIsBackAtAnotherPortInTheSameEpoch_IsSentThere()
    {
        Begin(committed: 0);
        await CaptureAsync(slot: 0, iteration: 1, held: [1]);
        await _holder.Port.DisposeAsync();
        await using var restarted = _holder.NewPort();
        await restarted.StartAsync(new IPEndPoint(IPAddress.Loopback, 0));
        _state.Take(Directive(committed: 1, epoch: 1, restarted.Endpoint.ToString()));
        await CaptureAsync(slot: 1, iteration: 2, held: [1, 2]);
    }

    [Fact]
    public async Task Problems_HolderCannotBeReached_AreNamedUntilItHasItsCopy()
    {
        var port = _holder.Port.Endpoint.Port;
        await _holder.Port.DisposeAsync();
        var changed = 0;
        _replicator.Changed += () => Interlocked.Increment(ref changed);
        Begin(committed: 0);
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        _replicator.Offer(Zero, Snapshot(1));
        await Wait.UntilAsync(() => _replicator.Problems is [_], "the holder that cannot be reached");
        var problem = Assert.Single(_replicator.Problems);
        Assert.Equal((Zero, Holder), (problem.Owner, problem.Holder));
        Assert.NotEmpty(problem.Reason);
        Assert.InRange(problem.SinceUnixMilliseconds, 1, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

        await TestPorts.WaitUntilClosedAsync(port);
        await using var back = _holder.NewPort();
        await back.StartAsync(new IPEndPoint(IPAddress.Loopback, port));
        await Wait.UntilAsync(() => _replicator.Problems.IsEmpty, "the problem to be over");
        await HeldAsync(1);
        await Wait.UntilAsync(() => Volatile.Read(ref changed) >= 2, "the news of both");
    }

    private void Begin(long committed, long epoch = 1)
    {
        var directive = Directive(committed, epoch, _holderEndpoint);
        _state.Take(directive);
        _replicator.Configure(directive);
    }

    private static HostDirective Directive(long committed, long epoch, string holderEndpoint) => new()
    {
        Version = new DirectiveVersion(new Epoch(epoch), DirectiveStep.Run),
        Committed = new Iteration(committed),
        Own = [new ShardDirective { Owner = Zero, PayloadBytes = PayloadBytes, Holders = [Holder] }],
        DataEndpoints = ImmutableDictionary<HostName, string>.Empty.Add(Holder, holderEndpoint),
    };

    private async Task CaptureAsync(int slot, long iteration, long[] held)
    {
        _owner.Files.Capture(Zero, slot, Snapshot(iteration));
        _replicator.Offer(Zero, Snapshot(iteration));
        await HeldAsync(held);
    }

    private Task HeldAsync(params long[] iterations) => Wait.UntilAsync(
        () => _holder.Memory.Inventory().Select(copy => copy.Snapshot.Iteration.Value).Order().SequenceEqual(iterations),
        $"the holder to hold {string.Join(", ", iterations)}");
}
