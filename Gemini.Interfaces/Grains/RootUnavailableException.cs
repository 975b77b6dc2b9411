namespace Gemini.Interfaces.Grains;

/// <summary>
/// The root agent cannot decide now: it could not start on this host, its record could not be written, or another activation has replaced it. The
/// caller asks again.
/// </summary>
[GenerateSerializer, Alias("gemini.RootUnavailableException")]
public sealed class RootUnavailableException(string message) : Exception(message);
