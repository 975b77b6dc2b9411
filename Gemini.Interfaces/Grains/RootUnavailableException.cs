namespace Gemini.Interfaces.Grains;

/// <summary>
/// The root agent cannot decide now: it does not come up on this host, its record could not be written, or another one has taken its place.
/// The caller asks again.
/// </summary>
[GenerateSerializer, Alias("gemini.RootUnavailableException")]
public sealed class RootUnavailableException(string message) : Exception(message);
