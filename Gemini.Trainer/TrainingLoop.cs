using System.Net;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Sharding;

namespace Gemini.Trainer;

/// <summary>
/// Trains one rank of a job with a checkpoint of every iteration. You can use it as an example: everything that a training loop must do for Gemini is
/// in this file. <c>deploy/samples/MyLoop</c> is shorter.
/// </summary>
internal sealed class TrainingLoop(TrainerSettings settings, TimeProvider time)
{
    public async Task RunAsync(CancellationToken ct)
    {
        var options = GeminiOptions.TryFromEnvironment()
            ?? throw new InvalidDataException("A gemini host starts this program. To train without hosts and checkpoints use --standalone.");
        using var listener = new RingListener(IPAddress.Parse(options.RingAddress), options.Ports);

        // 1. Join. Completes when this host has a position in the job, and so this trainer a rank. Meanwhile, prepare everything that needs no rank.
        var preparing = Preparation.StartAsync(settings, options);
        var joining = GeminiSession.JoinAsync(
            options.WarmAfter(preparing) with
            {
                RingEndpoint = listener.Endpoint,
                IsWaitingForPeers = () => listener.Waits.IsWaiting,
                Description = settings.Description,
                ParameterCount = settings.Training.Model.ParameterCount,
                TotalIterations = settings.Iterations,
            },
            ct);
        var (device, corpus) = await preparing;
        await using var session = await joining;

        // 2. Build the model, and describe the memory that checkpoints must contain.
        using var step = new TrainingStep(settings.Training, corpus, session.WorldSize, session.Rank, device);
        var state = step.State.Describe();

        while (true)
        {
            // 3. Restore the state to continue from: at the start, and again after every failure in the job.
            var start = await session.RestoreAsync(state, ct);
            if (start is null) step.Reset();
            try
            {
                await TrainAsync(session, listener, step, state, start ?? 0, ct);

                // 5. Leave only after the last checkpoint is committed.
                await session.CompleteAsync(ct);
                return;
            }
            catch (EpochEndedException)
            {
                // Something in the job failed, and all ranks start a new epoch. This process stays.
            }
            catch (CollectiveException)
            {
                // A peer was lost, or the end of the epoch aborted the ring. RestoreAsync waits for the new epoch.
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // The epoch ended while the ring was being connected.
            }
        }
    }

    private async Task TrainAsync(
        GeminiSession session, RingListener listener, TrainingStep step, TrainingState state, long start,
        CancellationToken ct)
    {
        // A ring for this epoch. Its waits end with the epoch, and it reports a lost neighbour at once.
        using var ring = await session.ConnectRingAsync(listener);

        for (var iteration = start + 1; iteration <= settings.Iterations; iteration++)
        {
            var (begun, waitedBefore) = (time.GetTimestamp(), listener.Waits.Total);
            var loss = step.ForwardBackward(ring);

            // 4. Three lines per iteration. The state is copied while the next iteration computes; the capture wait before the
            //    optimizer, which changes the state, normally waits for nothing.
            await session.WaitForCaptureAsync(ct);
            step.ApplyOptimizer();
            session.Save(iteration, state);
            session.ReportStep(iteration, loss, time.GetElapsedTime(begun), listener.Waits.Total - waitedBefore);
            if (settings.Pace - time.GetElapsedTime(begun) is { Ticks: > 0 } rest) await Task.Delay(rest, time, session.EpochToken);
        }

        // No rank leaves the ring while a neighbour still computes.
        ring.Barrier();
    }
}
