namespace Gemini.Interfaces.Grains;

/// <summary>A host's configuration has another job specification than the rest of the job.</summary>
[GenerateSerializer, Alias("gemini.JobMismatchException")]
public sealed class JobMismatchException(string message) : Exception(message);
