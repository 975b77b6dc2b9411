namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>A call did not reach the silo, or its answer did not reach this process. The call is repeated when the silo is back.</summary>
internal sealed class SiloUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
