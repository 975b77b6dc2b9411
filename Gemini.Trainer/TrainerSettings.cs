using Gemini.Trainer.Sharding;

namespace Gemini.Trainer;

/// <summary>What the command line said.</summary>
/// <param name="Training">What is computed.</param>
/// <param name="Data">A text file or a folder of them; null: the SDK's documentation.</param>
/// <param name="Iterations">How many iterations, counted from the beginning of the job.</param>
/// <param name="Threads">CPU threads of one tensor operation.</param>
/// <param name="Pace">How long an iteration takes at least; zero: as long as it needs.</param>
internal sealed record TrainerSettings(TrainingOptions Training, string? Data, long Iterations, int Threads, TimeSpan Pace)
{
    /// <summary>For people: "gpt2-tiny, 3.3 M parameters".</summary>
    public string Description => FormattableString.Invariant($"{Training.Model.Name}, {Training.Model.ParameterCount / 1e6:0.0} M parameters");
}
