namespace Gemini.Interfaces.SharedMemory;

/// <summary>Another version of this program wrote the segment, in a layout that this version cannot read.</summary>
public sealed class LayoutVersionException(string message) : IOException(message);
