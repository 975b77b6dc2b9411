namespace Gemini.Silo.Memory;

/// <summary>The host's memory cannot hold the requested shards. The message says how much is missing and what helps.</summary>
internal sealed class HostMemoryException(string message, Exception? inner = null) : IOException(message, inner);
