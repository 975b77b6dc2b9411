namespace Gemini.Silo.Hosting;

/// <summary>How the process of a host is told to end.</summary>
/// <param name="Stop">The host stops in good order: it may take its time to bring a snapshot to storage. Its trainers exit.</param>
/// <param name="Hurry">It does not wait for storage any more.</param>
/// <param name="Restart">Only the silo ends. Trainers go on and are adopted by the next silo of this host.</param>
public sealed record StopSignals(CancellationToken Stop, CancellationToken Hurry, CancellationToken Restart);
