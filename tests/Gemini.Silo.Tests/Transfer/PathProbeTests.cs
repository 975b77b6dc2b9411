using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>A real path: loopback. What it measures depends on the machine, so only what must always hold is asserted.</summary>
public sealed class PathProbeTests : IAsyncLifetime
{
    private static readonly HostName Holder = new("h1");

    private readonly TestHost _here = new();
    private readonly TestHost _there = new();
    private readonly TrafficGate _gate = TestHost.NewGate(CheckpointMode.Gemini, new TransferOptions(), TimeProvider.System);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _there.ListenAsync();

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    [Fact]
    public async Task Measure_TimesBurstsAloneAndBesideTraffic_AndTheOtherHostStoresNothing()
    {
        var (path, problem) = await Probe(_here).MeasureAsync(_there.Endpoint, isOwnTurnFirst: true, Ct);
        Assert.Equal("", problem);
        Assert.True(path!.Alone > TimeSpan.Zero && path.Beside > TimeSpan.Zero, path.ToString());
        Assert.True(path.BytesPerSecond > 0 && path.BackgroundBytesPerSecond > 0, path.ToString());
        Assert.Equal(0, _there.Memory.MemoryBytes);
    }

    [Fact]
    public async Task Senders_MeasureAPathOnce_AndReportIt()
    {
        var senders = Senders(_gate);
        await senders.MeasureAsync(Holder, _there.Endpoint, Ct);
        var path = Assert.Single(senders.Paths);
        Assert.Equal(Holder, path.Holder);
        Assert.Equal(path.IsClassed, !_gate.IsInUseTowards(Holder));

        // The endpoint would refuse; it is not asked again.
        await senders.MeasureAsync(Holder, "127.0.0.1:1", Ct);
        Assert.Equal(path, Assert.Single(senders.Paths));
    }

    [Fact]
    public async Task Senders_PathThatCannotBeMeasured_StaysUnknown()
    {
        var senders = Senders(_gate);
        await senders.MeasureAsync(Holder, "127.0.0.1:1", Ct);
        Assert.Empty(senders.Paths);
        Assert.True(_gate.IsInUseTowards(Holder));
    }

    [Fact]
    public async Task Senders_ModeThatSendsAtOnce_MeasuresNothing()
    {
        var senders = Senders(TestHost.OpenGate);
        await senders.MeasureAsync(Holder, _there.Endpoint, Ct);
        Assert.Empty(senders.Paths);
    }

    /// <summary>Four hosts measure the paths to all others. No two of them wait for each other without an end.</summary>
    [Fact]
    public async Task Measure_AllHostsAtOnce_EndsForAll()
    {
        var options = new TransferOptions { PathProbe = TimeSpan.FromMilliseconds(5) };
        TestHost[] hosts = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new TestHost(options: options).ListenAsync()))];
        try
        {
            var measured = await Task.WhenAll(hosts.Select(MeasureOthersAsync));
            Assert.All(measured, paths => Assert.Equal(3, paths.Length));
            await Wait.UntilAsync(() => hosts.All(host => !host.Turn.IsTaken), "all turns to be free");
        }
        finally
        {
            foreach (var host in hosts) await host.DisposeAsync();
        }

        async Task<ImmutableArray<PathReport>> MeasureOthersAsync(TestHost host, int index)
        {
            var senders = host.NewSenders(TestHost.NewGate(CheckpointMode.Gemini, options, TimeProvider.System), $"h{index}");
            foreach (var other in Enumerable.Range(0, 4).Where(other => other != index))
                await senders.MeasureAsync(new HostName($"h{other}"), hosts[other].Endpoint, Ct);
            return senders.Paths;
        }
    }

    /// <summary>The turns of both hosts are taken meanwhile, and free again after it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Measure_TakesTheTurnsOfBothHosts_UntilItEnds(bool isOwnTurnFirst)
    {
        var measuring = Probe(_here).MeasureAsync(_there.Endpoint, isOwnTurnFirst, Ct);
        await Wait.UntilAsync(() => _here.Turn.IsTaken && _there.Turn.IsTaken, "both turns to be taken");
        Assert.NotNull((await measuring).Path);
        Assert.False(_here.Turn.IsTaken);
        await Wait.UntilAsync(() => !_there.Turn.IsTaken, "the other host's turn to be free");
    }

    /// <summary>Either host takes part in a measurement that never ends. The wait for it has a limit, and this host's turn is free after it.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Measure_IfAHostIsNeverFree_SaysSo(bool isOwnTurnFirst, bool isOwnTaken)
    {
        var clock = new HeldTimers();
        await using var patient = new TestHost(time: clock);
        using var other = await (isOwnTaken ? patient : _there).Turn.TakeAsync(Ct);
        var measuring = Probe(patient).MeasureAsync(_there.Endpoint, isOwnTurnFirst, Ct);
        await clock.FireAsync(ProbeTurn.WaitLimit);
        Assert.Equal((null, "for 60 s, one of the two hosts took part in other measurements"), await measuring);
        Assert.Equal(isOwnTaken, patient.Turn.IsTaken);
    }

    private ReplicaSenders Senders(TrafficGate gate) => _here.NewSenders(gate, "h0");

    private static PathProbe Probe(TestHost host) => new(host.Connector, host.Turn);
}
