using Gemini.Interfaces.Model;

namespace Gemini.Silo.Trainers;

internal sealed partial class SupervisedTrainer
{
    [LoggerMessage(3010, LogLevel.Information, "Started trainer {LocalIndex} as process {ProcessId}")]
    private static partial void LogStarted(ILogger logger, int localIndex, int processId);

    [LoggerMessage(3011, LogLevel.Information, "Trainer {LocalIndex} of an earlier silo lives as process {ProcessId}; waiting for it to reconnect")]
    private static partial void LogAwaited(ILogger logger, int localIndex, int processId);

    [LoggerMessage(3012, LogLevel.Information, "Trainer {LocalIndex} connected: process {ProcessId}, epoch {Epoch}, iteration {Iteration}")]
    private static partial void LogConnected(ILogger logger, int localIndex, int processId, long epoch, long iteration);

    [LoggerMessage(3013, LogLevel.Warning, "Refused process {ProcessId} as trainer {LocalIndex}: another one is connected")]
    private static partial void LogRefused(ILogger logger, int localIndex, int processId);

    [LoggerMessage(3014, LogLevel.Warning, "Closed the connection of trainer {LocalIndex}: {Reason}")]
    private static partial void LogBadLine(ILogger logger, int localIndex, string reason);

    [LoggerMessage(3015, LogLevel.Warning, "Killed trainer {LocalIndex}: {Reason}")]
    private static partial void LogKilled(ILogger logger, int localIndex, string reason);

    [LoggerMessage(3016, LogLevel.Information, "Trainer {LocalIndex} is gone: {ExitCode}, {State}")]
    private static partial void LogExited(ILogger logger, int localIndex, string exitCode, TrainerState state);

    [LoggerMessage(3017, LogLevel.Error, "{Problem}")]
    private static partial void LogProblem(ILogger logger, string problem);

    [LoggerMessage(3018, LogLevel.Error, "Supervising trainer {LocalIndex} failed; trying again")]
    private static partial void LogLoopFailed(ILogger logger, int localIndex, Exception error);

    [LoggerMessage(3019, LogLevel.Warning, "The output of trainer {LocalIndex} is lost: {Reason}")]
    private static partial void LogOutputLost(ILogger logger, int localIndex, string reason);

    [LoggerMessage(3020, LogLevel.Warning, "Trainer {LocalIndex} was ended again and again before its first step; it is started again in {Seconds} s")]
    private static partial void LogRestartsLater(ILogger logger, int localIndex, double seconds);
}
