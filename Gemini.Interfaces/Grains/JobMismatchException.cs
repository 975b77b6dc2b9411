namespace Gemini.Interfaces.Grains;

/// <summary>A host was configured with another job specification than the rest of the job.</summary>
[GenerateSerializer, Alias("gemini.JobMismatchException")]
public sealed class JobMismatchException(string message) : Exception(message);
