using System.Net.Sockets;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>Another user listens at the path of the silo's socket.</summary>
public sealed class StrangerSocketTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private string SocketPath => Path.Combine(_folder.Path, "silo.sock");

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Trainer_SaysNothingToAStranger()
    {
        Listen();
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = Options with { Log = line => told.TrySetResult(line) };
        await using var connection = new SiloConnection(options, () => throw new InvalidOperationException("said hello"), _ => { }, _ => { });
        connection.Start();

        using var accepted = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await accepted.ReceiveAsync(new byte[1]).WaitAsync(FakeSilo.Limit, TestContext.Current.CancellationToken));
        Assert.StartsWith($"{SocketPath} does not belong to this host's silo: its process runs as user {Stranger.UserId}", await told.Task.WaitAsync(FakeSilo.Limit));
        Assert.Null(connection.Current);
    }

    [Fact]
    public async Task Spare_SaysNothingToAStranger()
    {
        Listen();
        var ended = await Assert.ThrowsAsync<SessionEndedException>(
            () => SpareTurn.WaitAsync(Options, Task.CompletedTask, TestContext.Current.CancellationToken).WaitAsync(FakeSilo.Limit));
        Assert.Contains("does not belong to this host's silo", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lock_LinkInItsPlace_IsRefusedAndItsTargetKeepsItsContent()
    {
        var victim = Path.Combine(_folder.Path, "victim");
        File.WriteAllText(victim, "mine");
        File.CreateSymbolicLink(Options.LockPath, victim);
        Assert.ThrowsAny<IOException>(() => TrainerLock.Take(Options.LockPath));
        Assert.Equal("mine", File.ReadAllText(victim));
    }

    private GeminiOptions Options => SessionFixture.LeastOptions(SocketPath, Path.Combine(_folder.Path, "trainer-0.lock"));

    private void Listen()
    {
        Stranger.SkipUnlessRoot();
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1FF);
        Stranger.Do(() =>
        {
            _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
            _listener.Listen();
        });
    }
}
