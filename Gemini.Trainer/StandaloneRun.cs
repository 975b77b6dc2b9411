using System.Globalization;
using System.Net;
using System.Text.Json;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Client.Native;
using Gemini.Trainer.Data;
using Gemini.Trainer.Sharding;

namespace Gemini.Trainer;

/// <summary>
/// The same training without silos, checkpoints or failures. A recovered job is compared with this run, bit for bit. The last output line is JSON
/// with the hash that a snapshot of the final state would have.
/// </summary>
internal sealed class StandaloneRun(TrainerSettings settings, StandaloneSettings standalone, TimeProvider time)
{
    public async Task RunAsync(CancellationToken ct)
    {
        var (rank, worldSize) = (standalone.Rank, standalone.RingEndpoints.Count);
        var device = TorchNative.Start(settings.Threads);
        var secret = JobSecret.LoadOrNone(standalone.SecretFile);
        using var listener = new RingListener(IPEndPoint.Parse(standalone.RingEndpoints[rank]));
        using var step = new TrainingStep(settings.Training, ByteCorpus.Open(settings.Data), worldSize, rank, device);
        step.Reset();
        using var ring = await Ring.ConnectAsync(listener, standalone.RingEndpoints, rank, epoch: 1, secret, ct);
        using var abort = ct.Register(ring.Abort);
        var losses = new List<double>();
        for (var iteration = 1L; iteration <= settings.Iterations; iteration++)
        {
            var begun = time.GetTimestamp();
            var loss = step.ForwardBackward(ring);
            step.ApplyOptimizer();
            losses.Add(loss);
            if (standalone.WithHashes)
            {
                Console.WriteLine(Hash(step, worldSize, iteration));
                continue;
            }

            var milliseconds = time.GetElapsedTime(begun).TotalMilliseconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"iteration {iteration} loss {loss:0.000} in {milliseconds:0} ms"));
        }

        ring.Barrier();
        Console.WriteLine(Summary(step, worldSize, losses));
    }

    private string Summary(TrainingStep step, int worldSize, List<double> losses)
    {
        var summary = Describe(step, worldSize, settings.Iterations);
        if (standalone.WithLosses) summary["losses"] = losses;
        return JsonSerializer.Serialize(summary);
    }

    private string Hash(TrainingStep step, int worldSize, long iteration) => JsonSerializer.Serialize(Describe(step, worldSize, iteration));

    private Dictionary<string, object> Describe(TrainingStep step, int worldSize, long iteration)
    {
        using var image = new ShardImage(step.State.Describe(), standalone.Rank, worldSize);
        image.Stage(iteration);
        return new Dictionary<string, object>
        {
            ["rank"] = standalone.Rank,
            ["iteration"] = iteration,
            ["hash"] = image.ComputeHash().ToString(),
        };
    }
}
