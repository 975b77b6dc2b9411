namespace Gemini.Silo.Configuration;

/// <summary>
/// The caller's input cannot work. The message is one line that names the problem and the fix. The command line prints the message as it is, without
/// a stack trace.
/// </summary>
public sealed class BadInputException(string message) : Exception(message)
{
    /// <summary>Whether the problem may pass although the caller changes nothing, such as a server that is not up yet. Default: false.</summary>
    public bool MayPass { get; init; }
}
