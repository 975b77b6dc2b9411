using System.Net.Sockets;
using Gemini.Silo.Sockets;
using Gemini.Silo.Trainers;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>The trainers' socket while the process has no file descriptor left for a connection.</summary>
public sealed class TrainerAcceptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _lines = new();
    private readonly List<DateTimeOffset> _attempts = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NoDescriptors_RestsBetweenAttemptsAndSaysSoOnce()
    {
        var server = new TrainerSocketServer(
            Path.Combine(_folder.Path, "s"), (_, _, _) => Task.CompletedTask, (_, _, _) => Task.CompletedTask, _time, _lines, AcceptAsync);
        server.Start();
        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(AcceptRetry.Pause);
                lock (_attempts) return _attempts.Count >= 20;
            },
            "20 attempts");
        await server.DisposeAsync();
        Assert.All(_attempts.Zip(_attempts.Skip(1)), pair => Assert.True(pair.Second - pair.First >= AcceptRetry.Pause));
        Assert.InRange(_lines.All.Count, 1, 1 + (int)((_attempts[^1] - _attempts[0]) / TimeSpan.FromSeconds(10)));
        Assert.StartsWith("The silo could not accept a trainer, and tries again: ", _lines.All[0], StringComparison.Ordinal);
    }

    private ValueTask<Socket> AcceptAsync(Socket listener, CancellationToken ct)
    {
        lock (_attempts)
        {
            _attempts.Add(_time.GetUtcNow());
            // These attempts are enough. Without a pause they would continue for ever and block their thread.
            return _attempts.Count >= 20 ? listener.AcceptAsync(ct) : ValueTask.FromException<Socket>(new SocketException((int)SocketError.TooManyOpenSockets));
        }
    }
}
