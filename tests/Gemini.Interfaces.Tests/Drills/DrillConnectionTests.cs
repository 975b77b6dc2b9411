using System.Net.Sockets;
using System.Text;
using Gemini.Interfaces.Drills;

namespace Gemini.Interfaces.Tests.Drills;

/// <summary>A process of a drill. The test plays the controller, on a real unix socket.</summary>
public sealed class DrillConnectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-drill-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly HeldTimers _time = new();
    private readonly List<IDisposable> _open = [];

    public DrillConnectionTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
    }

    private string SocketPath => Path.Combine(_folder, "drill.sock");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _open.ForEach(open => open.Dispose());
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Open_SaysWhichHostItIs_AndNothingIsArmed()
    {
        var (process, _) = await OpenAsync();
        foreach (var moment in Enum.GetValues<Moment>()) Assert.True(process.ReachAsync(moment, long.MaxValue).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Reach_ArmedMoment_IsHeldUntilItsOrderIsReleased()
    {
        var (process, controller) = await OpenAsync();
        await controller.TellAsync("arm 5 Fetch 3");
        Assert.Equal("armed 5", await controller.HearAsync());
        Assert.True(process.ReachAsync(Moment.Fetch, 2).AsTask().IsCompletedSuccessfully);
        Assert.True(process.ReachAsync(Moment.Load, 3).AsTask().IsCompletedSuccessfully);

        var held = process.ReachAsync(Moment.Fetch, 4).AsTask();
        Assert.Equal("reached 5 4", await controller.HearAsync());
        await controller.TellAsync("release 4");
        await controller.TellAsync("arm 6 Load 100");
        // The new order replaces the one before, and who is held there goes on.
        Assert.Equal("armed 6", await controller.HearAsync());
        await held.WaitAsync(Wait.Limit, Ct);
        Assert.True(process.ReachAsync(Moment.Fetch, 5).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Reach_ReleasedById_GoesOnAndIsNotHeldAgain()
    {
        var (process, controller) = await OpenAsync();
        await ArmAsync(controller, "7");
        var held = process.ReachAsync(Moment.Fetch, 1).AsTask();
        var alsoHeld = process.ReachAsync(Moment.Fetch, 2).AsTask();
        Assert.Equal((string?[])["reached 7 1", "reached 7 2"], (string?[])[await controller.HearAsync(), await controller.HearAsync()]);
        Assert.False(held.IsCompleted || alsoHeld.IsCompleted);
        await controller.TellAsync("release 7");
        await Task.WhenAll(held, alsoHeld).WaitAsync(Wait.Limit, Ct);
        Assert.True(process.ReachAsync(Moment.Fetch, 3).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Reach_AnotherIdIsReleased_StaysHeld()
    {
        var (process, controller) = await OpenAsync();
        await ArmAsync(controller, "7");
        var held = process.ReachAsync(Moment.Fetch, 1).AsTask();
        Assert.Equal("reached 7 1", await controller.HearAsync());
        await controller.TellAsync("release 8");
        var alsoHeld = process.ReachAsync(Moment.Fetch, 2).AsTask();
        Assert.Equal("reached 7 2", await controller.HearAsync());
        Assert.False(held.IsCompleted || alsoHeld.IsCompleted);
        await controller.TellAsync("release 7");
        await held.WaitAsync(Wait.Limit, Ct);
    }

    /// <summary>No process is held for ever, even if its controller hangs.</summary>
    [Fact]
    public async Task Reach_NobodyReleases_GoesOnAfterTheLimit()
    {
        var (process, controller) = await OpenAsync();
        await ArmAsync(controller, "7");
        var held = process.ReachAsync(Moment.Fetch, 1).AsTask();
        Assert.Equal("reached 7 1", await controller.HearAsync());
        Assert.False(held.IsCompleted);
        await _time.FireAsync(DrillConnection.HoldLimit);
        await held.WaitAsync(Wait.Limit, Ct);
    }

    [Theory]
    [InlineData("")]
    [InlineData("stop")]
    [InlineData("arm 8 Fetch")]
    [InlineData("arm 8 Fetch 1 2")]
    [InlineData("arm 8 Lunch 1")]
    [InlineData("arm 8 Fetch one")]
    [InlineData("arm 8 Fetch 99999999999999999999")]
    [InlineData("release")]
    public async Task Controller_SaysNonsense_ProcessGoesOnAndIsNeverHeldAgain(string line)
    {
        var (process, controller) = await OpenAsync();
        await ArmAsync(controller, "7");
        var held = process.ReachAsync(Moment.Fetch, 1).AsTask();
        Assert.Equal("reached 7 1", await controller.HearAsync());
        await controller.TellAsync(line);
        await held.WaitAsync(Wait.Limit, Ct);
        Assert.True(process.ReachAsync(Moment.Fetch, 2).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Controller_Ends_ProcessGoesOn()
    {
        var (process, controller) = await OpenAsync();
        await ArmAsync(controller, "7");
        var held = process.ReachAsync(Moment.Fetch, 1).AsTask();
        controller.Dispose();
        await held.WaitAsync(Wait.Limit, Ct);
        await Wait.UntilAsync(() => process.ReachAsync(Moment.Fetch, 2).AsTask().IsCompletedSuccessfully, "the end of the drill");
    }

    [Fact]
    public async Task Dispose_WhileHeld_LetsItGoOn()
    {
        var (process, controller) = await OpenAsync();
        await ArmAsync(controller, "7");
        var held = process.ReachAsync(Moment.Fetch, 1).AsTask();
        Assert.Equal("reached 7 1", await controller.HearAsync());
        process.Dispose();
        await held.WaitAsync(Wait.Limit, Ct);
        Assert.Null(await controller.HearAsync());
    }

    [Fact]
    public void Open_NobodyListens_SaysWhatToRemove()
    {
        var path = Path.Combine(_folder, "none.sock");
        var error = Assert.Throws<IOException>(() => DrillConnection.Open(path, "host-0", _time));
        Assert.StartsWith($"No drill listens at {path} (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("; remove drillSocket from the host's configuration.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AnotherUserListens_IsRefused()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_folder, (UnixFileMode)0x1FF);
        var path = Path.Combine(_folder, "stranger.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Stranger.Do(() =>
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
        });
        var error = Assert.Throws<IOException>(() => DrillConnection.Open(path, "host-0", _time));
        Assert.StartsWith($"{path} does not belong to a drill of this user: its process runs as user {Stranger.UserId}", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A process belongs to one drill or to none. Without one, every moment passes.</summary>
    [Fact]
    public async Task Moments_ProcessJoinsADrill_IsHeldThereAndJoinsNoOther()
    {
        Moments.Join("", "host-0", _time);
        Moments.Reach(Moment.Commit, 1);
        Assert.True(Moments.ReachAsync(Moment.Commit, 1).AsTask().IsCompletedSuccessfully);
        Assert.Throws<IOException>(() => Moments.Join(Path.Combine(_folder, "none.sock"), "host-0", _time));

        Moments.Join(SocketPath, "host-0", _time);
        using var controller = new Controller(await _listener.AcceptAsync(Ct));
        Assert.Equal("hello host-0", await controller.HearAsync());
        Moments.Join(Path.Combine(_folder, "none.sock"), "host-1", _time);
        await controller.TellAsync("arm 1 Commit 4");
        Assert.Equal("armed 1", await controller.HearAsync());
        Moments.Reach(Moment.Commit, 3);
        var blocked = Task.Factory.StartNew(() => Moments.Reach(Moment.Commit, 4), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Equal("reached 1 4", await controller.HearAsync());
        Assert.False(blocked.IsCompleted);
        await controller.TellAsync("release 1");
        await blocked.WaitAsync(Wait.Limit, Ct);
    }

    private static async Task ArmAsync(Controller controller, string id)
    {
        await controller.TellAsync($"arm {id} Fetch 1");
        Assert.Equal($"armed {id}", await controller.HearAsync());
    }

    private async Task<(DrillConnection Process, Controller Controller)> OpenAsync()
    {
        var process = DrillConnection.Open(SocketPath, "host-0", _time);
        var controller = new Controller(await _listener.AcceptAsync(Ct));
        _open.AddRange(process, controller);
        Assert.Equal("hello host-0", await controller.HearAsync());
        return (process, controller);
    }

    private sealed class Controller(Socket socket) : IDisposable
    {
        private readonly StreamReader _reader = new(new NetworkStream(socket, ownsSocket: true), Encoding.ASCII);

        public async Task TellAsync(string line) => await socket.SendAsync(Encoding.ASCII.GetBytes(line + "\n"), Ct);

        public Task<string?> HearAsync() => _reader.ReadLineAsync(Ct).AsTask().WaitAsync(Wait.Limit, Ct);

        public void Dispose() => _reader.Dispose();
    }
}
