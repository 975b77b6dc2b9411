using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>A host's folder in shared memory, for one test.</summary>
internal sealed class TestFolder : IDisposable
{
    public const string Job = "test";

    private readonly MemoryRoot _root = new();

    public TestFolder()
    {
        Paths = new HostPaths(_root.Path, Job, new HostName("a"));
        Paths.EnsureDirectory();
    }

    public HostPaths Paths { get; }

    public void CreateSlots(Rank rank, long payloadBytes, int chunkBytes = SegmentLayout.DefaultChunkBytes)
    {
        for (var slot = 0; slot < HostPaths.SlotCount; slot++)
        {
            if (!File.Exists(Paths.Segment(rank, slot))) MappedSegment.Create(Paths.Segment(rank, slot), new SegmentIdentity(Job, rank), payloadBytes, chunkBytes).Dispose();
        }
    }

    public void Dispose() => _root.Dispose();
}
