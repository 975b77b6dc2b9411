using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>
/// The cluster of deploy/hosts, as its README describes: a Redis server, a secret, and a shell for each of the sample configurations. Only ports,
/// folders and the length of the run are changed.
/// </summary>
internal sealed class HandMadeCluster : IAsyncDisposable
{
    private readonly SampleConfiguration _configuration;
    private readonly JobWatcher _job;
    private readonly Dictionary<string, WatchedProcess> _shells = [];

    private HandMadeCluster(TestFolders folders, RedisServer redis)
    {
        Folders = folders;
        Redis = redis;
        _configuration = new SampleConfiguration(folders, redis.Endpoint);
        _job = new JobWatcher(redis.Endpoint, "by-hand");
    }

    public static IReadOnlyList<string> Names { get; } = ["host-a", "host-b", "host-c"];

    public TestFolders Folders { get; }

    public RedisServer Redis { get; }

    /// <param name="folders">The test's folders.</param>
    /// <param name="iterations">Length of the run.</param>
    /// <param name="change">Other changes of the samples.</param>
    public static async Task<HandMadeCluster> StartAsync(TestFolders folders, long iterations, Action<JsonNode>? change = null)
    {
        var cluster = new HandMadeCluster(folders, await RedisServer.StartAsync(folders));
        foreach (var name in Names) cluster._configuration.Write(name, iterations, change);
        foreach (var name in Names) cluster.StartHost(name);
        return cluster;
    }

    /// <summary>Types <c>gemini host --config ...</c> in the host's shell.</summary>
    public void StartHost(string name)
    {
        if (_shells.Remove(name, out var before)) before.Dispose();
        _shells[name] = GeminiProcess.Start(Folders, "host", "--config", _configuration.PathOf(name));
    }

    /// <summary>Starts a host in a shell of its own, with a changed copy of the host's file. The caller disposes the shell.</summary>
    public WatchedProcess StartOddHost(string name, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(_configuration.PathOf(name)))!;
        change(json);
        var path = Path.Combine(Folders.Root, name + "-odd.json");
        File.WriteAllText(path, json.ToJsonString());
        return GeminiProcess.Start(Folders, "host", "--config", path);
    }

    public WatchedProcess Shell(string name) => _shells[name];

    /// <summary>The folder that holds a host's memory.</summary>
    public string MemoryOf(string name) => Path.Combine(Folders.Memory, "by-hand", name);

    public Task<JobStatus> WaitAsync(Func<JobStatus, bool> condition, string what) =>
        _job.WaitAsync(condition, what, Limits.Start, () =>
            string.Join('\n', _shells.Select(shell => $"--- shell of {shell.Key}\n{string.Join('\n', shell.Value.Output.All.TakeLast(25))}\n"
                + string.Join('\n', shell.Value.Errors.All.TakeLast(10)))) + "\n" + Folders.LogTails());

    public async ValueTask DisposeAsync()
    {
        await _job.DisposeAsync();
        foreach (var shell in _shells.Values)
        {
            shell.Send(Signal.Kill);
            shell.Dispose();
        }

        Redis.Dispose();
    }
}
