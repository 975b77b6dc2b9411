namespace Gemini.Trainer.Client.Collectives;

/// <summary>A collective ended early. The ring can no longer be used: dispose it and connect a ring of a later epoch.</summary>
public abstract class CollectiveException(string message) : Exception(message);
