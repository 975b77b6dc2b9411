using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>
/// Host h0 of a job of four hosts in virtual time, with ports that a test controls. It is at position 0, and h1 holds copies of its shards. Every shard
/// has 1000 bytes.
/// </summary>
internal sealed class HostBench : Bench, IDisposable
{
    public static readonly JobRun TheRun = new(new Guid(1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 9), 4);

    private readonly CancellationTokenSource _stop = new();

    public HostBench(int ranksPerHost = 1, StoragePolicy? storage = null)
    {
        Job = Jobs.Spec(hosts: 4, replicas: 2, ranksPerHost) with { Storage = storage };
        Memory = new MemoryDouble(Journal);
        Trainers = new TrainersDouble(Journal);
        Links = new LinksDouble(Journal);
        Copies = new CopiesDouble(Memory);
        Storage = new StorageDouble(Journal);
        ControlPlane = new ControlPlaneDouble(() => Now);
    }

    public JobSpec Job { get; }

    public HostIdentity Identity { get; init; } = new(Jobs.Host(0), Incarnation: 5, "h0:1", "http://h0:2");

    public HostState State { get; } = new();

    /// <summary>What the host did to its memory, trainers, links and storage, in order.</summary>
    public List<string> Journal { get; } = [];

    public MemoryDouble Memory { get; }

    public TrainersDouble Trainers { get; }

    public LinksDouble Links { get; }

    public CopiesDouble Copies { get; }

    public StorageDouble Storage { get; }

    public ControlPlaneDouble ControlPlane { get; }

    public BackgroundDouble Background { get; } = new();

    public LogLines<WorkerAgent> Log { get; } = new();

    public WorkerAgentPorts Ports => new(Memory, Trainers, Links, Copies, Storage, ControlPlane, Background);

    /// <summary>Cancelled at <see cref="Stop"/>.</summary>
    public CancellationToken Stopping => _stop.Token;

    public static DirectiveVersion Version(long epoch, DirectiveStep step) => new(new Epoch(epoch), step);

    /// <summary>Whether every own rank has a copy of this snapshot here.</summary>
    public void Hold(SnapshotId snapshot, params int[] ranks) => Memory.Copies.AddRange(Jobs.Replicas(snapshot, ranks));

    /// <summary>
    /// A directive for position 0, which also holds the shards of position 1. Without sources, the copies to restore are in storage.
    /// </summary>
    public HostDirective Directive(DirectiveStep step, long epoch = 1, SnapshotId? restore = null, params int[] sources)
    {
        var hasPlan = step >= DirectiveStep.Prepare;
        return new HostDirective
        {
            Version = Version(epoch, step),
            Position = new HostPosition(0),
            Run = TheRun,
            Committed = restore?.Iteration ?? default,
            Restore = hasPlan ? restore : null,
            Own = hasPlan ? [.. Job.RanksOf(new HostPosition(0)).Select(rank => Own(rank, restore, sources))] : [],
            Held = hasPlan ? [.. Job.RanksOf(new HostPosition(1)).Select(rank => new ShardDirective { Owner = rank, PayloadBytes = 1000 })] : [],
            DataEndpoints = Enumerable.Range(0, 4).ToImmutableDictionary(Jobs.Host, host => $"h{host}:1"),
            RingEndpoints = step == DirectiveStep.Run ? [.. Enumerable.Range(0, Job.WorldSize).Select(rank => $"ring:{rank}")] : [],
        };
    }

    public void Run(Action activity, int milliseconds = 0) => Run(
        () =>
        {
            activity();
            return Task.CompletedTask;
        },
        milliseconds);

    /// <summary>Runs these loops until the test ends, as a worker agent would.</summary>
    public void Launch(params HostLoop[] loops) => Run(() => HostLoop.RunAsync(loops, Time, Log, _stop.Token));

    public void Stop() => Run(() => _stop.Cancel());

    public void Dispose()
    {
        if (_stop.IsCancellationRequested) return;
        Stop();
        _stop.Dispose();
    }

    /// <summary>The journal since the last call.</summary>
    public List<string> TakeJournal()
    {
        List<string> taken = [.. Journal];
        Journal.Clear();
        return taken;
    }

    private static ShardDirective Own(Rank rank, SnapshotId? restore, int[] sources) => new()
    {
        Owner = rank,
        PayloadBytes = 1000,
        Holders = [Jobs.Host(1)],
        Hash = restore is { } snapshot ? Jobs.Replica(rank.Value, snapshot).Hash : null,
        Sources = [.. sources.Select(Jobs.Host)],
        InStorage = restore is not null && sources.Length == 0,
    };
}
