using System.Net;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Tests.Lab.Cluster;

/// <summary>The Redis server of a drill, and the question by which the launcher waits for it.</summary>
public sealed class RedisProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = TestPorts.Next();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_ReturnsWhenTheServerAnswers_AlsoAfterAKill()
    {
        using var redis = new RedisProcess(_port, Path.Combine(_folder.Path, "redis"), Path.Combine(_folder.Path, "redis.log"), TimeProvider.System);
        for (var starts = 0; starts < 2; starts++)
        {
            await redis.StartAsync(CancellationToken.None);
            await RedisProbe.EnsureReachableAsync(redis.Endpoint, TimeProvider.System, CancellationToken.None);
            await redis.KillAsync();
        }
    }

    /// <summary>Without an installed server, the drill's server is Garnet.</summary>
    [Fact]
    public async Task Garnet_AnswersTheQuestion()
    {
        using var garnet = new GarnetHost(_port);

        var words = await RedisDial.AskAsync(new IPEndPoint(IPAddress.Loopback, _port), TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None);

        Assert.Equal(RedisDial.Pong, words);
    }
}
