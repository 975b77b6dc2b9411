// Trains a small network on random numbers, with a checkpoint of every iteration when a gemini host started it, and alone otherwise.
using System.Diagnostics;
using System.Net;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Client.Collectives;
using static TorchSharp.torch;

var iterations = long.Parse(args[0]);
set_num_threads(1);
manual_seed(1);
var model = nn.Sequential(
    ("in", nn.Linear(64, 256)), ("norm", nn.BatchNorm1d(256)), ("act", nn.ReLU()), ("drop", nn.Dropout(0.1)), ("out", nn.Linear(256, 64)));
var optimizer = optim.AdamW(model.parameters(), lr: 0.001);
var scheduler = optim.lr_scheduler.StepLR(optimizer, step_size: 500, gamma: 0.5);

if (GeminiOptions.TryFromEnvironment() is { } options) await TrainAsync(options);
else TrainAlone();
var bytes = model.parameters().SelectMany(parameter => parameter.bytes.ToArray()).ToArray();
Console.WriteLine($"final {Convert.ToHexString(SHA256.HashData(bytes))}");

void TrainAlone()
{
    for (var i = 1L; i <= iterations; i++)
    {
        ForwardBackward();
        OptimizerStep();
    }
}

async Task TrainAsync(GeminiOptions options)
{
    using var listener = new RingListener(IPAddress.Parse(options.RingAddress), options.Ports);
    options = options with { RingEndpoint = listener.Endpoint, TotalIterations = iterations, Description = "my loop" };
    await using var gemini = await GeminiSession.JoinAsync(options);
    var state = new TrainingState().Track(model, optimizer, scheduler);
    while (true)
    {
        var start = await gemini.RestoreAsync(state);       // null: nothing is saved yet; the state is the initial one
        try
        {
            using var ring = await gemini.ConnectRingAsync(listener);
            for (var i = (start ?? 0) + 1; i <= iterations; i++)
            {
                var begun = Stopwatch.GetTimestamp();
                var loss = ForwardBackward();
                AverageGradients(ring);                     // keeps the ranks in step, too
                await gemini.WaitForCaptureAsync();         // the last save is copied; normally no wait
                OptimizerStep();                            // parameters and moments change here and nowhere else
                gemini.Save(i, state);                      // returns at once
                gemini.ReportStep(i, loss, Stopwatch.GetElapsedTime(begun));
            }

            ring.Barrier();                                 // nobody leaves while a neighbour still computes
            await gemini.CompleteAsync();                   // the last save is committed
            return;
        }
        catch (EpochEndedException) { }                     // something failed somewhere: restore and go on
        catch (CollectiveException) { }                     // a neighbour is gone: the next epoch is about to begin
        catch (OperationCanceledException) { }              // the epoch ended while the ring was being connected
    }
}

double ForwardBackward()
{
    using var scope = NewDisposeScope();
    optimizer.zero_grad();
    var input = randn(16, 64);
    var loss = nn.functional.mse_loss(model.forward(input), input);
    loss.backward();
    return loss.item<float>();
}

void OptimizerStep()
{
    optimizer.step();
    scheduler.step();
}

void AverageGradients(Ring ring)
{
    foreach (var parameter in model.parameters())
    {
        using var gradient = parameter.grad;
        var values = MemoryMarshal.Cast<byte, float>(gradient!.bytes);
        ring.AllReduceSum(values);
        TensorPrimitives.Divide(values, ring.WorldSize, values);
    }
}
