using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>
/// The cluster of deploy/hosts, as its README describes: a Redis server, a secret, and a shell for each of the sample configurations. Only ports,
/// folders and the length of the run are changed. It is no LocalCluster: nobody starts a dead host again before the test does it by hand, as a user
/// does in a shell, and Ctrl-C stops a host.
/// </summary>
internal sealed class HandMadeCluster : IAsyncDisposable
{
    private readonly SampleConfiguration _configuration;
    private readonly JobWatcher _job;
    private readonly Dictionary<string, WatchedProcess> _shells = [];

    private HandMadeCluster(TestFolders folders, RedisServer redis, SampleConfiguration configuration)
    {
        Folders = folders;
        Redis = redis;
        _configuration = configuration;
        _job = new JobWatcher(HostConfigurationFile.Load(configuration.PathOf(Names[0])));
    }

    public static IReadOnlyList<string> Names { get; } = ["host-a", "host-b", "host-c"];

    public TestFolders Folders { get; }

    public RedisServer Redis { get; }

    /// <param name="folders">The test's folders.</param>
    /// <param name="iterations">Length of the run.</param>
    /// <param name="change">Other changes of the samples.</param>
    public static async Task<HandMadeCluster> StartAsync(TestFolders folders, long iterations, Action<JsonNode>? change = null)
    {
        var redis = await RedisServer.StartAsync(folders);
        try
        {
            var configuration = new SampleConfiguration(folders, redis.Endpoint);
            foreach (var name in Names) configuration.Write(name, iterations, change);
            var cluster = new HandMadeCluster(folders, redis, configuration);
            foreach (var name in Names) cluster.StartHost(name);
            return cluster;
        }
        catch
        {
            redis.Dispose();
            throw;
        }
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

    /// <summary>What the host has reported.</summary>
    public static HostReport ReportOf(JobStatus status, string name) => status.Hosts.Single(host => host.Report.Host == new HostName(name)).Report;

    /// <summary>SIGKILL to the host's silo, and then to its trainers.</summary>
    public static void Kill(HostReport host)
    {
        ProcessTable.Kill(host.SiloProcessId);
        foreach (var trainer in host.Trainers) ProcessTable.Kill(trainer.ProcessId);
    }

    /// <summary>The machine is lost: processes, memory and all.</summary>
    public async Task LoseAsync(HostReport host)
    {
        Kill(host);
        await Shell(host.Host.Value).ExitAsync(Limits.Stop);
        Directory.Delete(MemoryOf(host.Host.Value), recursive: true);
    }

    /// <summary>The folder that holds a host's memory.</summary>
    public string MemoryOf(string name) => Path.Combine(Folders.Memory, "by-hand", name);

    /// <summary>Waits until the job runs and has committed this many iterations.</summary>
    public Task<JobStatus> TrainsAsync(long committed) =>
        WaitAsync(status => status.Phase == JobPhase.Running && status.Committed.Value >= committed, $"{committed} committed iterations");

    /// <summary>Waits until the job runs after this many recoveries, and has committed an iteration since the last one.</summary>
    public Task<JobStatus> RecoveredAsync(int recoveries = 1) => WaitAsync(
        status => status.Phase == JobPhase.Running && status.Recoveries.Length == recoveries && status.Recoveries[^1].ResumedAt > 0
            && status.Committed > status.Recoveries[^1].ResumedIteration,
        $"a commit after recovery {recoveries}");

    public Task<JobStatus> WaitAsync(Func<JobStatus, bool> condition, string what) =>
        _job.WaitAsync(condition, what, Limits.Start, () =>
            string.Join('\n', _shells.Select(shell => $"--- shell of {shell.Key}\n{string.Join('\n', shell.Value.Output.All.TakeLast(25))}\n"
                + string.Join('\n', shell.Value.Errors.All.TakeLast(10)))) + "\n" + Folders.LogTails());

    public async ValueTask DisposeAsync()
    {
        await _job.DisposeAsync();
        foreach (var shell in _shells.Values)
        {
            shell.Kill();
            shell.Dispose();
        }

        Redis.Dispose();
    }
}
