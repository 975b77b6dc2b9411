namespace Gemini.Silo.Configuration;

/// <summary>
/// What the caller gave cannot work. The message is one line that says what is wrong and how to put it right; the command line prints it
/// as it is, without a stack trace.
/// </summary>
public sealed class BadInputException(string message) : Exception(message)
{
    /// <summary>It may be over without anybody changing what the caller gave, such as a server that is not up yet. Default: false.</summary>
    public bool MayPass { get; init; }
}
