using System.Threading.Channels;
using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The only thread that copies snapshots. It copies chunk by chunk, hashes each chunk while it is in cache, moves the watermark so that the silo's
/// senders can follow, and seals at the end. It is not a pool thread, so user code cannot delay it.
/// </summary>
internal sealed class CaptureThread : IDisposable
{
    /// <summary>A program that starts runs new code for seconds.</summary>
    private const int WarmUpMax = 50;

    /// <summary>The runtime begins to count calls 100 ms after the last new code began to run.</summary>
    private static readonly TimeSpan WarmUpPause = TimeSpan.FromMilliseconds(120);

    private readonly Channel<Action> _jobs = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Thread _thread;

    public CaptureThread()
    {
        _thread = new Thread(Run) { Name = "gemini-capture", IsBackground = true };
        _thread.Start();
    }

    /// <summary>
    /// Takes the page faults of a slot that was just mapped, so that the first capture into it does not wait for them. A capture that is asked for
    /// meanwhile begins afterwards.
    /// </summary>
    /// <param name="target">The caller keeps it mapped until the task completes.</param>
    /// <param name="isCancelled">Called on the capture thread before each chunk: whether to end here.</param>
    public Task PrepareAsync(MappedSegment target, Func<bool> isCancelled)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            // A page that the kernel cannot provide is a matter of the silo, which looks for such pages, too.
            for (var chunk = 0; chunk < target.ChunkCount && !isCancelled() && target.FaultIn(chunk) is null; chunk++)
            {
            }

            done.SetResult();
        });
        return done.Task;
    }

    /// <summary>
    /// Captures the image into the segment. Completes with the shard's hash when the segment is sealed. If the capture is cancelled, completes with
    /// null, and the segment is <see cref="SegmentState.Free"/>.
    /// </summary>
    /// <param name="target">A slot of the own shard; the caller keeps it mapped until the task completes.</param>
    /// <param name="snapshot">Which snapshot it becomes.</param>
    /// <param name="image">The live state, after <see cref="ShardImage.Stage"/>; must not change until the task completes.</param>
    /// <param name="isCancelled">Called on the capture thread before each chunk: whether to end the capture without a sealed segment.</param>
    /// <param name="begun">Called on the capture thread when the segment's state is <see cref="SegmentState.Writing"/>, before the first chunk.</param>
    public Task<ContentHash?> CaptureAsync(MappedSegment target, SnapshotId snapshot, ShardImage image, Func<bool> isCancelled, Action begun)
    {
        var job = new Job(target, snapshot, image, isCancelled, begun);
        Enqueue(() => Capture(job));
        return job.Done.Task;
    }

    /// <summary>Ends the thread after the running capture.</summary>
    public void Dispose()
    {
        _jobs.Writer.TryComplete();
        if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Enqueue(Action job) => ObjectDisposedException.ThrowIf(!_jobs.Writer.TryWrite(job), this);

    private void Run()
    {
        var warmUps = 0;
        while (true)
        {
            var more = _jobs.Reader.WaitToReadAsync().AsTask();
            for (; warmUps < WarmUpMax && !more.Wait(WarmUpPause); warmUps++) ChunkCopy.WarmUp();
            if (!more.GetAwaiter().GetResult()) return;
            while (_jobs.Reader.TryRead(out var job)) job();
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
            // Training continues without this snapshot. The code that awaits the task counts the failure.
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
