namespace Gemini.Silo.Launching;

/// <summary>The demo did not reach its end. The message is one line that says what was wrong.</summary>
internal sealed class DemoFailedException(string message) : Exception(message);
