namespace Gemini.Trainer.Client.Collectives;

/// <summary><see cref="Ring.Abort"/> was called on this rank.</summary>
public sealed class CollectiveAbortedException() : CollectiveException("The collective was aborted.");
