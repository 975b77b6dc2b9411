namespace Gemini.Interfaces;

/// <summary>Something that must be true is not: a mistake in this program. The component that threw this must not go on.</summary>
[GenerateSerializer, Alias("gemini.InvariantViolated")]
public sealed class InvariantViolatedException(string message) : Exception(message);
