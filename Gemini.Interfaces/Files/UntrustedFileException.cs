namespace Gemini.Interfaces.Files;

/// <summary>
/// A file or folder does not belong to this user alone, so another user could read or change its content. The message is one line that names the
/// file, the problem and the fix.
/// </summary>
public sealed class UntrustedFileException(string message) : IOException(message);
