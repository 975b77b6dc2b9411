using System.CommandLine;
using Gemini.Interfaces.Presets;
using Gemini.Trainer;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Sharding;

namespace Gemini.Benchmarks.Emulation;

/// <summary>
/// This program as a trainer: the real training loop with its collectives, shards, optimizer and checkpoints. Only the model's arithmetic is replaced
/// by waits, as an accelerator would leave the processor idle.
/// </summary>
internal static class EmulatedTrainer
{
    /// <summary>The file with the waits.</summary>
    public const string ProfileOption = "--profile";

    private static readonly Option<string> Model = new("--model") { Required = true };

    private static readonly Option<long> Seed = new("--seed");

    private static readonly Option<long> Iterations = new("--iterations") { Required = true };

    private static readonly Option<string> Profile = new(ProfileOption) { Required = true };

    /// <summary>The exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var command = new RootCommand("Trains an emulated model. Started by a gemini host.") { Model, Seed, Iterations, Profile };
        command.SetAction(RunAsync);
        return await command.Parse(arguments).InvokeAsync();
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        try
        {
            await new TrainingLoop(Settings(parsed), TimeProvider.System).RunAsync(ct);
            return 0;
        }
        catch (SessionEndedException)
        {
            return GeminiSession.ExitCodeOfLostSession;
        }
    }

    private static TrainerSettings Settings(ParseResult parsed)
    {
        var profile = EmulationProfile.Load(parsed.GetRequiredValue(Profile));
        var training = new TrainingOptions
        {
            Model = ModelPresets.Get(parsed.GetRequiredValue(Model)),
            Seed = parsed.GetValue(Seed),
            Batch = 1,
            Context = 8,
            Dropout = 0,
            Arithmetic = (_, _) => new EmulatedTransformer(profile, Thread.Sleep),
            Communication = ring => new RepeatedCollectives(new RingCollectives(ring), profile.Repeats),
        };
        return new TrainerSettings(training, Data: null, parsed.GetValue(Iterations), Threads: 1);
    }
}
