namespace Gemini.Trainer.Client.Collectives;

/// <summary>A collective ended early. The ring is of no further use: dispose it and connect one of a later epoch.</summary>
public abstract class CollectiveException(string message) : Exception(message);
