using System.Threading.Channels;
using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// Tells the worker agent, in order and in the background, which snapshots were sealed and which were skipped. Training never waits for this. Notices
/// of an epoch that is over are dropped, because then the silo reads the segments' headers.
/// </summary>
internal sealed class CaptureNotices(SiloCalls calls, Action<string> log) : IAsyncDisposable
{
    /// <summary>
    /// With two slots, at most two sealed snapshots wait for their commit or abandonment. The other places are for skips while the trainer has no
    /// silo.
    /// </summary>
    private const int MaxWaiting = 64;

    private readonly Channel<(Func<ITrainerService, Task> Call, CancellationToken Epoch)> _notices =
        Channel.CreateBounded<(Func<ITrainerService, Task>, CancellationToken)>(
            new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(RunAsync);

    public void Sealed(Rank rank, SnapshotId snapshot, ContentHash hash, CancellationToken epoch) =>
        _notices.Writer.TryWrite((agent => SealAsync(agent, rank, snapshot, hash), epoch));

    public void Skipped(Rank rank, SnapshotId snapshot, CancellationToken epoch) =>
        _notices.Writer.TryWrite((agent => agent.SkipAsync(rank, snapshot), epoch));

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        _notices.Writer.TryComplete();
        await _loop;
        _stop.Dispose();
    }

    private static async Task SealAsync(ITrainerService agent, Rank rank, SnapshotId snapshot, ContentHash hash)
    {
        await Moments.ReachAsync(Moment.Seal, snapshot.Iteration.Value);
        await agent.SealAsync(rank, snapshot, hash);
    }

    private async Task RunAsync()
    {
        await foreach (var (call, epoch) in _notices.Reader.ReadAllAsync())
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(epoch, _stop.Token);
            try
            {
                await calls.TellAsync(call, both.Token);
            }
            catch (OperationCanceledException)
            {
                // The epoch or the session is over.
            }
            catch (Exception error)
            {
                log($"The silo refused a message about a snapshot: {error.Message}");
            }
        }
    }
}
