using Gemini.Interfaces.Model;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Logging.Abstractions;

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
        var (path, problem) = await new PathProbe(_here.Connector).MeasureAsync(_there.Endpoint, Ct);
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

    private ReplicaSenders Senders(TrafficGate gate) => new(_here.Memory, _here.Connector, gate, NullLogger<ReplicaSender>.Instance);
}
