using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>How the silo started this process, and settings that only the trainer of this repository uses. A user's loop does not need them.</summary>
internal sealed record LaunchOptions
{
    /// <summary>The value of <see cref="TrainerEnvironment.Program"/>: which program the silo started.</summary>
    public string Program { get; init; } = "";

    /// <summary>Number of this spare process; 0: a trainer. A spare joins the job only when it replaces a trainer.</summary>
    public int Spare { get; init; }

    /// <summary>Completes when everything that a first iteration needs is loaded and compiled. Then the session tells the silo. Default: at once.</summary>
    public Task Warm { get; init; } = Task.CompletedTask;

    /// <summary>Path of a drill's socket (<see cref="Interfaces.Drills.Moments"/>); empty: no drill.</summary>
    public string DrillSocket { get; init; } = "";

    /// <summary>Reads the variables of <see cref="TrainerEnvironment"/> that concern the start of this process.</summary>
    /// <exception cref="InvalidDataException">The number of the spare is not a number.</exception>
    public static LaunchOptions FromEnvironment() => new()
    {
        Program = Environment.GetEnvironmentVariable(TrainerEnvironment.Program) ?? "",
        Spare = Environment.GetEnvironmentVariable(TrainerEnvironment.Spare) is { Length: > 0 } spare
            ? GeminiOptions.Number(TrainerEnvironment.Spare, spare)
            : 0,
        DrillSocket = Environment.GetEnvironmentVariable(TrainerEnvironment.DrillSocket) ?? "",
    };
}
