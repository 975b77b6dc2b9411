namespace Gemini.Interfaces.SharedMemory;

/// <summary>A segment was written by another version of this program, in a layout that this one does not read.</summary>
public sealed class LayoutVersionException(string message) : IOException(message);
