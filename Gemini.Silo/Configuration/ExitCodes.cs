namespace Gemini.Silo.Configuration;

/// <summary>What the program's exit codes mean.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The work was begun and did not succeed.</summary>
    public const int Failed = 1;

    /// <summary>
    /// Options, configuration or surroundings cannot work; starting it again the same way is of no use. A host that the job refuses ends so too,
    /// whenever it is refused.
    /// </summary>
    public const int BadInput = 2;

    /// <summary>Only <c>gemini status</c>: the job is degraded or recovers. Not now, and nobody has to act yet.</summary>
    public const int NotSafe = 3;

    /// <summary>Only <c>gemini status</c>: nobody answered.</summary>
    public const int NoAnswer = 4;

    /// <summary>Only <c>gemini host</c>: it was told to stop, and the newest committed snapshot is not in the job's storage.</summary>
    public const int NotSaved = 5;

    /// <summary>The command's standard output could not be written, such as on a full disk. What it had to say is not complete.</summary>
    public const int OutputLost = 6;

    /// <summary>Stopped by Ctrl-C or SIGTERM, by a shell's convention.</summary>
    public const int Interrupted = 130;
}
