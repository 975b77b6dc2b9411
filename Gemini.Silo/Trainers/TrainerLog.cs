using Gemini.Interfaces.Model;

namespace Gemini.Silo.Trainers;

/// <summary>Log messages about trainers and their processes.</summary>
internal static partial class TrainerLog
{
    [LoggerMessage(EventIds.TrainerStarted, LogLevel.Information, "Started trainer {LocalIndex} as process {ProcessId}")]
    public static partial void Started(ILogger logger, int localIndex, int processId);

    [LoggerMessage(EventIds.TrainerAwaited, LogLevel.Information,
        "Trainer {LocalIndex} of an earlier silo lives as process {ProcessId}; waiting for it to reconnect")]
    public static partial void Awaited(ILogger logger, int localIndex, int processId);

    [LoggerMessage(EventIds.TrainerConnected, LogLevel.Information,
        "Trainer {LocalIndex} connected: process {ProcessId}, epoch {Epoch}, iteration {Iteration}")]
    public static partial void Connected(ILogger logger, int localIndex, int processId, long epoch, long iteration);

    [LoggerMessage(EventIds.TrainerRefused, LogLevel.Warning, "Refused process {ProcessId} as trainer {LocalIndex}: another one is connected")]
    public static partial void Refused(ILogger logger, int localIndex, int processId);

    [LoggerMessage(EventIds.BadLine, LogLevel.Warning, "Closed the connection of trainer {LocalIndex}: {Reason}")]
    public static partial void BadLine(ILogger logger, int localIndex, string reason);

    [LoggerMessage(EventIds.TrainerKilled, LogLevel.Warning, "Killed trainer {LocalIndex}: {Reason}")]
    public static partial void Killed(ILogger logger, int localIndex, string reason);

    [LoggerMessage(EventIds.TrainerExited, LogLevel.Information, "Trainer {LocalIndex} is gone: {ExitCode}, {State}")]
    public static partial void Exited(ILogger logger, int localIndex, string exitCode, TrainerState state);

    [LoggerMessage(EventIds.TrainerProblem, LogLevel.Error, "{Problem}")]
    public static partial void Problem(ILogger logger, string problem);

    [LoggerMessage(EventIds.LoopFailed, LogLevel.Error, "Supervising trainer {LocalIndex} failed; trying again")]
    public static partial void LoopFailed(ILogger logger, int localIndex, Exception error);

    [LoggerMessage(EventIds.OutputLost, LogLevel.Warning, "The output of trainer {LocalIndex} is lost: {Reason}")]
    public static partial void OutputLost(ILogger logger, int localIndex, string reason);

    [LoggerMessage(EventIds.RestartsLater, LogLevel.Warning,
        "Trainer {LocalIndex} ended several times before its first step; the host starts it again in {Seconds} s")]
    public static partial void RestartsLater(ILogger logger, int localIndex, double seconds);
}
