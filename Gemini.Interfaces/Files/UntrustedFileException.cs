namespace Gemini.Interfaces.Files;

/// <summary>
/// A file or folder is not this user's alone, so another user could read or change what is in it. The message is one line that names
/// the file, what is wrong with it, and the fix.
/// </summary>
public sealed class UntrustedFileException(string message) : IOException(message);
