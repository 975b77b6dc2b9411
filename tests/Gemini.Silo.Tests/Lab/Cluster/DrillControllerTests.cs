using Gemini.Interfaces.Drills;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Tests.Lab.Cluster;

public sealed class DrillControllerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly DrillController _controller;

    public DrillControllerTests() => _controller = new DrillController(Path.Combine(_folder.Path, "drill.sock"));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _controller.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void Reach_NothingArmed_GoesOnAtOnce()
    {
        using var process = Connect("host-0");
        for (var moment = Moment.Capture; moment <= Moment.Load; moment++) Assert.True(GoesOn(process, moment, 1));
    }

    [Fact]
    public async Task Reach_Armed_IsHeldUntilReleased()
    {
        using var process = Connect("host-0");
        var barrier = _controller.Arm(Moment.Fetch, from: 3, _ => true);
        var held = await HeldAsync(process, Moment.Fetch, 3);

        Assert.Equal("host-0", await barrier.Reached.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken));
        Assert.False(held.IsCompleted);
        barrier.Release();
        await held.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);
        Assert.True(GoesOn(process, Moment.Fetch, 4));
    }

    /// <summary>Otherwise a kill may come to a process before the order does, and nobody stands there.</summary>
    [Fact]
    public async Task Armed_EveryProcessThatIsMeantHasSaidSo_OrHasEnded()
    {
        using var process = Connect("host-0");
        using var other = Connect("host-1");
        await Wait.UntilAsync(() => _controller.ConnectionCount == 2, "both connections");
        using var mute = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        mute.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint(_controller.SocketPath));
        mute.Send("hello host-2\n"u8);
        await Wait.UntilAsync(() => _controller.ConnectionCount == 3, "the mute connection");

        var barrier = _controller.Arm(Moment.Decide, from: 0, host => host != "host-1");
        using var releasing = new Releasing(barrier);
        _ = await HeldAsync(process, Moment.Decide, 1);

        Assert.False(barrier.Armed.IsCompleted);
        mute.Dispose();
        await barrier.Armed.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Reach_AnotherMomentOrEarlierOrAnotherHost_GoesOn()
    {
        using var meant = Connect("host-0");
        using var other = Connect("host-1");
        using var barrier = new Releasing(_controller.Arm(Moment.Commit, from: 7, host => host == "host-0"));
        _ = await HeldAsync(meant, Moment.Commit, 7);

        Assert.True(GoesOn(meant, Moment.Capture, 7));
        Assert.True(GoesOn(meant, Moment.Commit, 6));
        Assert.True(GoesOn(other, Moment.Commit, 7));
    }

    [Fact]
    public async Task Reach_ConnectedAfterArming_IsHeldToo()
    {
        var barrier = _controller.Arm(Moment.Load, from: 0, _ => true);
        using var late = Connect("host-2");
        var held = await HeldAsync(late, Moment.Load, 1);

        Assert.Equal("host-2", await barrier.Reached.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken));
        barrier.Release();
        await held.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Reach_ControllerGoesAway_IsLetGo()
    {
        using var process = Connect("host-0");
        _controller.Arm(Moment.Seal, from: 0, _ => true);
        var held = await HeldAsync(process, Moment.Seal, 1);

        await _controller.DisposeAsync();
        await held.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Open_NobodyListens_NamesTheFix()
    {
        var error = Assert.Throws<IOException>(() => DrillConnection.Open(Path.Combine(_folder.Path, "none.sock"), "host-0", TimeProvider.System));
        Assert.Contains("none.sock", error.Message, StringComparison.Ordinal);
        Assert.Contains("drillSocket", error.Message, StringComparison.Ordinal);
    }

    private static bool GoesOn(DrillConnection process, Moment moment, long value) => process.ReachAsync(moment, value).AsTask().IsCompletedSuccessfully;

    private DrillConnection Connect(string host) => DrillConnection.Open(_controller.SocketPath, host, TimeProvider.System);

    /// <summary>Reaches the moment again and again until the barrier holds it: the message that arms the barrier may still be on its way.</summary>
    private static async Task<Task> HeldAsync(DrillConnection process, Moment moment, long value)
    {
        var reached = Task.CompletedTask;
        await Wait.UntilAsync(() => !(reached = process.ReachAsync(moment, value).AsTask()).IsCompleted, $"{moment} to be armed");
        return reached;
    }

    private sealed class Releasing(DrillBarrier barrier) : IDisposable
    {
        public void Dispose() => barrier.Release();
    }
}
