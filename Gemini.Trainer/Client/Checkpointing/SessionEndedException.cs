namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The trainer must exit: its silo told it to, no silo came back within <see cref="GeminiOptions.SiloAbsenceLimit"/>, or the session was disposed.
/// The message is for the operator. Snapshots stay in host memory.
/// </summary>
public sealed class SessionEndedException(string reason) : Exception(reason);
