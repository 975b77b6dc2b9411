namespace Gemini.Trainer.Client.Collectives;

/// <summary>A peer answered that does not belong to the same ring. Trying again cannot help.</summary>
public sealed class RingRefusedException(string message) : Exception(message);
