namespace Gemini.Trainer.Client.Collectives;

/// <summary>A peer that answered does not belong to the same ring; retrying cannot help.</summary>
public sealed class RingRefusedException(string message) : Exception(message);
