namespace Gemini.Silo.Configuration;

/// <summary>What the program's exit codes mean.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The work started and failed.</summary>
    public const int Failed = 1;

    /// <summary>
    /// Options, configuration or environment cannot work, so the same start again is useless. A host that the job refuses also ends with this code,
    /// whenever the job refuses it.
    /// </summary>
    public const int BadInput = 2;

    /// <summary>Only <c>gemini status</c>: the job is degraded or recovering. It is not safe now, but nobody has to act yet.</summary>
    public const int NotSafe = 3;

    /// <summary>Only <c>gemini status</c>: nobody answered.</summary>
    public const int NoAnswer = 4;

    /// <summary>Only <c>gemini host</c>: it was told to stop, and the newest committed snapshot is not in the job's storage.</summary>
    public const int NotSaved = 5;

    /// <summary>The command's standard output could not be written, such as on a full disk. The output is incomplete.</summary>
    public const int OutputLost = 6;

    /// <summary>Stopped by Ctrl-C or SIGTERM. The number is a convention of shells.</summary>
    public const int Interrupted = 130;
}
