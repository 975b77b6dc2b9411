namespace Gemini.Silo.Hosting;

/// <summary>How the process of a host is told to end.</summary>
/// <param name="Stop">The host stops in good order: it may wait until a snapshot is in storage. Its trainers exit.</param>
/// <param name="Hurry">The host no longer waits for storage.</param>
/// <param name="Restart">Only the silo ends. Its trainers continue, and the next silo of this host adopts them.</param>
public sealed record StopSignals(CancellationToken Stop, CancellationToken Hurry, CancellationToken Restart);
