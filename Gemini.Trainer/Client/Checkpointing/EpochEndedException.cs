namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The epoch in which the call was made is over, because something in the job failed. The training loop calls
/// <see cref="GeminiSession.RestoreAsync"/> and continues from the iteration that this returns.
/// </summary>
public sealed class EpochEndedException(long epoch) : Exception($"Epoch {epoch} is over; call RestoreAsync and continue.")
{
    /// <summary>The epoch that is over.</summary>
    public long Epoch { get; } = epoch;
}
