namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The trainer has to exit: its silo said so, or no silo came back within <see cref="GeminiOptions.SiloAbsenceLimit"/>.
/// The message is for the operator. Snapshots stay in host memory.
/// </summary>
public sealed class SessionEndedException(string reason) : Exception(reason);
