namespace Gemini.Silo.Lab.Cluster;

/// <summary>A demo or a drill did not reach its end. The message is one line that says what was wrong.</summary>
internal sealed class LabException(string message) : Exception(message);
