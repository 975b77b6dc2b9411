namespace Gemini.Interfaces;

/// <summary>A condition that must be true is false: a mistake in this program. The component that threw this must not continue.</summary>
[GenerateSerializer, Alias("gemini.InvariantViolated")]
public sealed class InvariantViolatedException(string message) : Exception(message);
