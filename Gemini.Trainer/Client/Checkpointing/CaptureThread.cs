using System.Threading.Channels;
using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The one thread that copies snapshots: chunk by chunk, hashing each while it is in cache, moving the watermark so that
/// the silo's senders can follow, and sealing at the end. Not a pool thread, so that no user code can keep it waiting.
/// </summary>
internal sealed class CaptureThread : IDisposable
{
    private readonly Channel<Job> _jobs = Channel.CreateUnbounded<Job>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Thread _thread;

    public CaptureThread()
    {
        _thread = new Thread(Run) { Name = "gemini-capture", IsBackground = true };
        _thread.Start();
    }

    /// <summary>
    /// Captures the image into the segment. Completes with the shard's hash when it is sealed, or with null when it was
    /// cancelled; the segment is <see cref="SegmentState.Free"/> then.
    /// </summary>
    /// <param name="target">A slot of the own shard; the caller keeps it mapped until the task completes.</param>
    /// <param name="snapshot">Which snapshot it becomes.</param>
    /// <param name="image">The staged live state; must not change until the task completes.</param>
    /// <param name="isCancelled">Asked before each chunk on the capture thread: whether the capture is to end without a sealed segment.</param>
    /// <param name="begun">Called on the capture thread when the segment is marked, before the first chunk.</param>
    public Task<ContentHash?> CaptureAsync(MappedSegment target, SnapshotId snapshot, ShardImage image, Func<bool> isCancelled, Action begun)
    {
        var job = new Job(target, snapshot, image, isCancelled, begun);
        ObjectDisposedException.ThrowIf(!_jobs.Writer.TryWrite(job), this);
        return job.Done.Task;
    }

    /// <summary>Ends the thread after the running capture.</summary>
    public void Dispose()
    {
        _jobs.Writer.TryComplete();
        if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Run()
    {
        while (_jobs.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_jobs.Reader.TryRead(out var job)) Capture(job);
        }
    }

    private static void Capture(Job job)
    {
        try
        {
            job.Target.BeginWrite(job.Snapshot);
            job.Begun();
            job.Done.SetResult(CopyChunks(job) ? job.Target.Seal() : Free(job.Target));
        }
        catch (Exception error)
        {
            // Training goes on without this snapshot; whoever awaits the task counts the failure.
            Free(job.Target);
            job.Done.SetException(error);
        }
    }

    private static bool CopyChunks(Job job)
    {
        var (target, image) = (job.Target, job.Image);
        var captured = 0L;
        for (var index = 0; index < target.ChunkCount; index++)
        {
            if (index == target.ChunkCount / 2) Moments.Reach(Moment.Capture, job.Snapshot.Iteration.Value);
            if (job.IsCancelled()) return false;
            var chunk = target.Chunk(index);
            target.ChunkHashes[index] = image.CopyOut(captured, chunk);
            captured += chunk.Length;
            target.AdvanceCaptured(captured);
        }

        return true;
    }

    private static ContentHash? Free(MappedSegment target)
    {
        target.Free();
        return null;
    }

    private sealed record Job(MappedSegment Target, SnapshotId Snapshot, ShardImage Image, Func<bool> IsCancelled, Action Begun)
    {
        public TaskCompletionSource<ContentHash?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
