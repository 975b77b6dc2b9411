using System.CommandLine;
using System.Net.Sockets;
using Gemini.Interfaces.Presets;
using Gemini.Trainer.Client.Checkpointing;
using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Sharding;

namespace Gemini.Trainer;

/// <summary>The command line of <c>gemini-trainer</c>, and what its exit codes mean.</summary>
internal static class TrainerCommandLine
{
    /// <summary>The command line, the environment or another input is wrong. One line on standard error says what.</summary>
    public const int ExitCodeOfBadInput = 2;

    /// <summary>Another rank of a run without silos was lost. One line on standard error says which.</summary>
    public const int ExitCodeOfLostPeer = 1;

    private static readonly Option<string> Model = new("--model")
    {
        Description = "Model to train: " + string.Join(", ", ModelPresets.All.Select(shape => shape.Name)) + ".",
        DefaultValueFactory = _ => ModelPresets.DefaultName,
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Text file, or folder with text files. Default: the .NET SDK's documentation.",
    };

    private static readonly Option<long> Seed = new("--seed")
    {
        Description = "Seed of parameters, dropout, sample order and masks.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<long> Iterations = new("--iterations")
    {
        Description = "Iterations of the job.",
        DefaultValueFactory = _ => 100,
    };

    private static readonly Option<int> Threads = new("--threads")
    {
        Description = "CPU threads of one tensor operation.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> Batch = new("--batch")
    {
        Description = "Sequences per rank and iteration.",
        DefaultValueFactory = _ => new TrainingOptions().Batch,
    };

    private static readonly Option<int> Context = new("--context")
    {
        Description = "Tokens per sequence; 0: the model's own.",
    };

    private static readonly Option<double> Dropout = new("--dropout")
    {
        Description = "Probability of dropping an activation.",
        DefaultValueFactory = _ => new TrainingOptions().Dropout,
    };

    private static readonly Option<bool> Standalone = new("--standalone")
    {
        Description = "Train without silos and checkpoints. The last line is JSON with the hash of the final state.",
    };

    private static readonly Option<int> Rank = new("--rank")
    {
        Description = "With --standalone: this rank.",
    };

    private static readonly Option<string> RingEndpoints = new("--ring-endpoints")
    {
        Description = "With --standalone: ADDRESS:PORT of every rank, by rank, separated by commas.",
    };

    private static readonly Option<string?> SecretFile = new("--secret-file")
    {
        Description = "With --standalone: file with the ranks' common secret.",
    };

    private static readonly Option<bool> Losses = new("--losses")
    {
        Description = "With --standalone: put the loss of every iteration into the last line.",
    };

    private static readonly Option<bool> Hashes = new("--hashes")
    {
        Description = "With --standalone: print a line of JSON with the state's hash after every iteration.",
    };

    private static readonly Option<bool> UntilInputEnds = new("--until-input-ends")
    {
        Description = "With --standalone: end when the standard input ends, so that the run does not outlive the program that started it.",
    };

    private static readonly Option<int> Pace = new("--pace")
    {
        Description = "Minimum duration of an iteration in milliseconds, so that a small model leaves CPU time to other processes. 0: no minimum.",
    };

    public static async Task<int> RunAsync(string[] arguments)
    {
        var command = new RootCommand("Trains one rank of a job. Started by a gemini host, or alone with --standalone.")
        {
            Model, Data, Seed, Iterations, Threads, Batch, Context, Dropout, Standalone, Rank, RingEndpoints, SecretFile, Losses, Hashes,
            UntilInputEnds, Pace,
        };
        command.SetAction(RunAsync);
        var parsed = command.Parse(arguments);
        if (parsed.Errors.Count == 0) return await parsed.InvokeAsync();
        Console.Error.WriteLine("gemini-trainer: " + string.Join(' ', parsed.Errors.Select(error => error.Message)));
        return ExitCodeOfBadInput;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        try
        {
            var settings = Settings(parsed);
            if (parsed.GetValue(Standalone) && parsed.GetValue(UntilInputEnds)) _ = ExitWhenInputEndsAsync();
            if (parsed.GetValue(Standalone)) await new StandaloneRun(settings, StandaloneSettings(parsed), TimeProvider.System).RunAsync(ct);
            else await new TrainingLoop(settings, TimeProvider.System).RunAsync(ct);
            return 0;
        }
        catch (SessionEndedException)
        {
            return GeminiSession.ExitCodeOfLostSession;
        }
        catch (CollectiveException error)
        {
            Console.Error.WriteLine($"gemini-trainer: {OneLine(error)}");
            return ExitCodeOfLostPeer;
        }
        catch (Exception error) when (IsBadInput(error))
        {
            Console.Error.WriteLine($"gemini-trainer: {OneLine(error)}");
            return ExitCodeOfBadInput;
        }
    }

    private static async Task ExitWhenInputEndsAsync()
    {
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null);
        Environment.Exit(ExitCodeOfLostPeer);
    }

    /// <summary>Whether the user can do something about it: an argument, a file, an address or a secret is wrong.</summary>
    private static bool IsBadInput(Exception error) => error
        is ArgumentException or FormatException or OverflowException
        or IOException or InvalidDataException or UnauthorizedAccessException
        or SocketException or RingRefusedException;

    /// <summary>The message in one line, without the name of an internal parameter, which would not help a user.</summary>
    private static string OneLine(Exception error)
    {
        var suffix = error is ArgumentException { ParamName: { } name } ? $" (Parameter '{name}')" : "";
        return (suffix.Length > 0 ? error.Message.Replace(suffix, "", StringComparison.Ordinal) : error.Message).ReplaceLineEndings(" ");
    }

    private static TrainerSettings Settings(ParseResult parsed)
    {
        var (threads, dropout) = (parsed.GetValue(Threads), parsed.GetValue(Dropout));
        if (threads < 1) throw new ArgumentException(FormattableString.Invariant($"--threads is {threads}; an operation needs at least one."));
        if (dropout is not (>= 0 and < 1)) throw new ArgumentException(FormattableString.Invariant($"--dropout is {dropout}; it is from 0 to below 1."));
        var training = new TrainingOptions
        {
            Model = ModelPresets.Get(parsed.GetValue(Model)!),
            Seed = parsed.GetValue(Seed),
            Batch = parsed.GetValue(Batch),
            Context = parsed.GetValue(Context),
            Dropout = dropout,
        };
        return new TrainerSettings(
            training, parsed.GetValue(Data), parsed.GetValue(Iterations), threads, TimeSpan.FromMilliseconds(parsed.GetValue(Pace)));
    }

    private static StandaloneSettings StandaloneSettings(ParseResult parsed)
    {
        var endpoints = (parsed.GetValue(RingEndpoints) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var rank = parsed.GetValue(Rank);
        if (rank < 0 || rank >= endpoints.Length)
            throw new ArgumentException($"--rank {rank} has no endpoint in --ring-endpoints, which lists {endpoints.Length}.");
        return new StandaloneSettings(rank, endpoints, parsed.GetValue(SecretFile), parsed.GetValue(Losses), parsed.GetValue(Hashes));
    }
}
