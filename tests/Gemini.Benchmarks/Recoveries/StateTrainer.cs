using System.CommandLine;
using System.Net;
using Gemini.Trainer;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Benchmarks.Recoveries;

/// <summary>
/// This program as a trainer that has a state of a given size and computes nothing. So recoveries of two sizes differ in nothing else. A spare has the
/// state's memory before it takes over, as an accelerator has its own.
/// </summary>
internal sealed class StateTrainer : IDisposable
{
    /// <summary>Bytes of a rank's state.</summary>
    public const string BytesOption = "--state-bytes";

    private static readonly Option<string> Model = new("--model") { Required = true };

    private static readonly Option<long> Seed = new("--seed");

    private static readonly Option<long> Iterations = new("--iterations") { Required = true };

    private static readonly Option<int> Pace = new("--pace") { Required = true };

    private static readonly Option<long> Bytes = new(BytesOption) { Required = true };

    private readonly NativeTensors _tensors;

    private unsafe StateTrainer(long bytes)
    {
        _tensors = new NativeTensors(bytes);
        foreach (var (index, (address, length)) in _tensors.All.Index()) new Span<byte>((void*)address, (int)length).Fill((byte)(index + 1));
    }

    /// <summary>The exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var command = new RootCommand("Keeps a state and computes nothing. Started by a gemini host.") { Model, Seed, Iterations, Pace, Bytes };
        command.SetAction(RunAsync);
        return await command.Parse(arguments).InvokeAsync();
    }

    public void Dispose() => _tensors.Dispose();

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        try
        {
            var options = GeminiOptions.FromEnvironment();
            using var listener = new RingListener(IPAddress.Parse(options.RingAddress), options.Ports);
            var preparing = Task.Run(() => new StateTrainer(parsed.GetValue(Bytes)), ct);
            var joining = GeminiSession.JoinAsync(options.WarmAfter(preparing) with { RingEndpoint = listener.Endpoint, Description = "a state" }, ct);
            using var trainer = await preparing;
            await using var session = await joining;
            await trainer.TrainAsync(session, listener, TimeSpan.FromMilliseconds(parsed.GetValue(Pace)), ct);
            return 0;
        }
        catch (SessionEndedException)
        {
            return GeminiSession.ExitCodeOfLostSession;
        }
    }

    /// <summary>Trains until the process is stopped.</summary>
    private async Task TrainAsync(GeminiSession session, RingListener listener, TimeSpan pace, CancellationToken ct)
    {
        var state = _tensors.State();
        while (true)
        {
            var start = await session.RestoreAsync(state, ct);
            try
            {
                using var ring = await session.ConnectRingAsync(listener);
                for (var iteration = (start ?? 0) + 1; ; iteration++) await StepAsync(session, ring, state, iteration, pace, ct);
            }
            catch (EpochEndedException)
            {
                // A failure: all ranks restore.
            }
            catch (CollectiveException)
            {
                // A neighbour is lost.
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // The epoch ended during a wait.
            }
        }
    }

    private async Task StepAsync(GeminiSession session, Ring ring, TrainingState state, long iteration, TimeSpan pace, CancellationToken ct)
    {
        // As an accelerator computes: the processor does nothing. The end of the epoch ends it.
        session.EpochToken.WaitHandle.WaitOne(pace);
        session.EpochToken.ThrowIfCancellationRequested();
        ring.Barrier();
        await session.WaitForCaptureAsync(ct);
        Change(iteration);
        session.Save(iteration, state);
        session.ReportStep(iteration, loss: 0, pace);
    }

    private unsafe void Change(long iteration)
    {
        foreach (var (address, _) in _tensors.All) *(long*)address = iteration;
    }
}
