using System.Net;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Presets;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Client.Native;
using Gemini.Trainer.Data;
using Gemini.Trainer.Sharding;
using TorchSharp;

namespace Gemini.Trainer;

/// <summary>
/// The part of a trainer's start that needs no rank: libtorch, the training text, and trial steps and restores. Because of the trials, the first real
/// steps and restores do not wait for code to be loaded and compiled.
/// </summary>
/// <remarks>
/// The preparation ends before real training begins. It uses torch's random numbers, which the whole process shares; a real step starts from the
/// random numbers in its own state.
/// </remarks>
internal static partial class Preparation
{
    /// <summary>
    /// The most parameters of the trial's model. Parameters, gradients and moments take up to 16 bytes per parameter and rank until the trial ends.
    /// </summary>
    private const long TrialParametersMax = 16 << 20;

    /// <summary>A spare prepares while the job trains. With this niceness training has priority, and the spare is still warm within seconds.</summary>
    private const int SpareNiceness = 5;

    /// <summary>Two, because the first optimizer step differs from all later ones.</summary>
    private const int TrialSteps = 2;

    /// <summary>Starts the preparation on a separate thread.</summary>
    /// <param name="settings">What will be trained.</param>
    /// <param name="options">Which of its host's trainers this is: it takes the accelerator of this number. A spare lowers its priority.</param>
    /// <exception cref="IOException">In the returned task: there is no text.</exception>
    public static Task<(torch.Device Device, ByteCorpus Corpus)> StartAsync(TrainerSettings settings, GeminiOptions options)
    {
        var prepared = new TaskCompletionSource<(torch.Device, ByteCorpus)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                if (options.Launch.Spare > 0) _ = Yield(SpareNiceness);
                var device = TorchNative.Start(settings.Threads, options.LocalIndex);
                var corpus = ByteCorpus.Open(settings.Data);
                TrySteps(settings.Training, corpus);
                prepared.SetResult((device, corpus));
            }
            catch (Exception error)
            {
                prepared.SetException(error);
            }
        })
        {
            IsBackground = true,
            Name = "preparation",
        };
        thread.Start();
        return prepared.Task;
    }

    /// <summary>
    /// The options of a session that tells the silo when the preparation is done; then the process is warm. Without this, a process counts as warm at
    /// once.
    /// </summary>
    public static GeminiOptions WarmAfter(this GeminiOptions options, Task prepared) =>
        options with { Launch = options.Launch with { Warm = prepared } };

    /// <summary>The shape of the trial model: one block as wide as the real ones; if that is too large, the architecture's smallest preset.</summary>
    internal static ModelShape TrialShape(ModelShape model)
    {
        var one = model with { Layers = 1, Vocabulary = Math.Min(model.Vocabulary, model.VocabularyMin) };
        return one.ParameterCount <= TrialParametersMax ? one : ModelPresets.All.First(shape => shape.Architecture == model.Architecture);
    }

    /// <summary>
    /// Runs some steps of two ranks in this process: two, because a single rank sends and sums nothing. On the CPU, because a spare must not take
    /// memory of an accelerator.
    /// </summary>
    private static void TrySteps(TrainingOptions training, ByteCorpus corpus)
    {
        var shape = TrialShape(training.Model);
        var options = training with { Model = shape, Context = Math.Min(training.Context, shape.Context) };
        using RingListener first = new(IPAddress.Loopback), second = new(IPAddress.Loopback);
        string[] endpoints = [first.Endpoint, second.Endpoint];
        var rings = Task.WhenAll(
            Ring.ConnectAsync(first, endpoints, rank: 0, epoch: 1, JobSecret.None, CancellationToken.None),
            Ring.ConnectAsync(second, endpoints, rank: 1, epoch: 1, JobSecret.None, CancellationToken.None)).GetAwaiter().GetResult();
        using var ring = rings[0];
        using var peer = rings[1];
        var beside = Task.Factory.StartNew(
            () => TrySteps(options, corpus, peer, ring), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            TrySteps(options, corpus, ring, peer);
        }
        finally
        {
            beside.GetAwaiter().GetResult();
        }
    }

    private static void TrySteps(TrainingOptions options, ByteCorpus corpus, Ring ring, Ring peer)
    {
        try
        {
            using var step = new TrainingStep(options, corpus, ring.WorldSize, ring.Rank, torch.CPU);
            for (var count = 0; count < TrialSteps; count++)
            {
                step.ForwardBackward(ring);
                step.ApplyOptimizer();
            }

            TryRestore(step.State, ring);
            ring.Barrier();
        }
        catch
        {
            // Otherwise the peer would wait for this rank.
            peer.Abort();
            throw;
        }
    }

    /// <summary>Reads a snapshot of the state as a capture does, and restores its first chunk, header included.</summary>
    private static void TryRestore(ShardState state, Ring ring)
    {
        using var image = new ShardImage(state.Describe(), ring.Rank, ring.WorldSize);
        image.Stage(state.Step);
        _ = image.ComputeHash();
        var chunk = new byte[Math.Min(image.Layout.PayloadBytes, SegmentLayout.DefaultChunkBytes)];
        image.CopyOut(0, chunk);
        image.CopyIn(0, chunk);
        image.Unstage(image.Layout.ReadHeader(image.Header).Values);
    }

    /// <summary>On Linux this changes only the calling thread.</summary>
    [LibraryImport("libc", EntryPoint = "nice")]
    private static partial int Yield(int increment);
}
