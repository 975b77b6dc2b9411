using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Silo.Tests.Memory;

/// <summary>A host's memory in its own folder. Dispose deletes the folder.</summary>
internal sealed class TestMemory : IDisposable
{
    public const string Job = "memory-tests";
    public const int ChunkBytes = 4096;

    /// <summary>Ten chunks, the last one short.</summary>
    public const long PayloadBytes = (9 * ChunkBytes) + 1234;

    /// <summary>The run of the job for which <see cref="Memory"/> makes its segments.</summary>
    public static readonly JobRun Run = new(new Guid(2, 0, 0, new byte[8]), WorldSize: 12);

    private readonly MemoryRoot _root = new();
    private readonly int _chunkBytes;
    private readonly HostMemoryOptions _options;

    public TestMemory(int chunkBytes = ChunkBytes, long? limitBytes = null)
    {
        (_chunkBytes, _options) = (chunkBytes, new HostMemoryOptions { LimitBytes = limitBytes });
        Paths = new HostPaths(_root.Path, Job, new HostName("host-a"));
        Memory = Open();
        Memory.Join(Run);
    }

    public HostPaths Paths { get; }

    public HostMemory Memory { get; private set; }

    /// <summary>A new silo over the same files. The old one ends as in a crash, without cleaning up.</summary>
    public HostMemory Restart()
    {
        Memory.Dispose();
        return Memory = Open();
    }

    public HostMemory Open() => new(Paths, Job, _options, NullLogger<HostMemory>.Instance, _chunkBytes);

    /// <summary>The slot as the owner's trainer maps it. The caller disposes it.</summary>
    public TestTrainer Trainer(Rank owner, int slot) => new(Paths.Segment(owner, slot));

    /// <summary>Writes and seals a snapshot as the owner's trainer does.</summary>
    public ContentHash Capture(Rank owner, int slot, SnapshotId snapshot)
    {
        using var trainer = Trainer(owner, slot);
        return trainer.Capture(snapshot);
    }

    /// <summary>Receives a whole copy, made of the bytes that <see cref="TestTrainer"/> would write.</summary>
    public static void Receive(ReceiveLease lease)
    {
        for (var index = 0; index < lease.ChunkCount; index++)
        {
            TestTrainer.Fill(lease.Chunk(index).Span, lease.Request.Snapshot, index);
            Assert.Equal(ChunkOutcome.Stored, lease.CompleteChunk(index, System.IO.Hashing.XxHash3.HashToUInt64(lease.Chunk(index).Span)));
        }
    }

    public static SnapshotId Snapshot(long iteration, long epoch = 1) => new(new Iteration(iteration), new Epoch(epoch));

    public static ReceiveRequest Request(int owner, SnapshotId snapshot, long keep = 0, long? epoch = null) =>
        new(new Rank(owner), snapshot, epoch is { } value ? new Epoch(value) : snapshot.Epoch, new Iteration(keep), PayloadBytes, ChunkBytes);

    public void Dispose()
    {
        Memory.Dispose();
        _root.Dispose();
    }
}
