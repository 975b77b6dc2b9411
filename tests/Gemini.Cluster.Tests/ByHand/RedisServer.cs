using System.Globalization;
using Gemini.Cluster.Tests.Harness;
using Gemini.Silo.Lab.Cluster;
using StackExchange.Redis;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>
/// The lab's Redis server for one test. The test is skipped unless it is a real <c>redis-server</c>, and the server starts without data.
/// </summary>
internal sealed class RedisServer : IDisposable
{
    private readonly string _directory;
    private readonly RedisProcess _process;

    private RedisServer(TestFolders folders)
    {
        var port = TestPorts.Free.Next();
        var name = string.Create(CultureInfo.InvariantCulture, $"redis-{port}");
        _directory = Path.Combine(folders.Root, name);
        _process = new RedisProcess(port, _directory, Path.Combine(folders.Logs, name + ".log"), TimeProvider.System);
    }

    public string Endpoint => _process.Endpoint;

    /// <summary>Starts a server and returns when it answers. Skips the test if none is installed.</summary>
    public static async Task<RedisServer> StartAsync(TestFolders folders)
    {
        Assert.SkipUnless(File.Exists(RedisProcess.Program), "No redis-server is installed (Debian: apt install redis-server).");
        var server = new RedisServer(folders);
        try
        {
            await server._process.StartAsync(TestContext.Current.CancellationToken);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>The id of the server's process, which the server itself knows.</summary>
    public async Task<int> ProcessIdAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Endpoint + ",allowAdmin=true");
        var facts = await redis.GetServer(Endpoint).InfoAsync("server");
        return int.Parse(facts.SelectMany(section => section).Single(fact => fact.Key == "process_id").Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Sends SIGKILL and returns when the process has ended.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts the killed server again at the same port, without what it had on disk.</summary>
    public Task StartEmptyAsync()
    {
        Directory.Delete(_directory, recursive: true);
        Directory.CreateDirectory(_directory);
        return _process.StartAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => _process.Dispose();
}
