using Gemini.Trainer.Sharding;

namespace Gemini.Trainer;

/// <summary>The settings from the command line.</summary>
/// <param name="Training">What to compute.</param>
/// <param name="Data">A text file or a folder of them; null: the SDK's documentation.</param>
/// <param name="Iterations">How many iterations, counted from the beginning of the job.</param>
/// <param name="Threads">CPU threads of one tensor operation.</param>
/// <param name="Pace">The minimum duration of an iteration; zero: none.</param>
internal sealed record TrainerSettings(TrainingOptions Training, string? Data, long Iterations, int Threads, TimeSpan Pace = default)
{
    /// <summary>For people: "gpt2-tiny, 3.3 M parameters".</summary>
    public string Description => FormattableString.Invariant($"{Training.Model.Name}, {Training.Model.ParameterCount / 1e6:0.0} M parameters");
}
