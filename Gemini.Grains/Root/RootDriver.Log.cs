using Gemini.Interfaces;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Root;

// The root agent's log messages.
internal sealed partial class RootDriver
{
    private readonly ILogger _logger = ports.Log;

    [LoggerMessage(EventIds.RootActivated, LogLevel.Information, "Root agent of {Job} is up on {Host}, epoch {Epoch}")]
    private partial void LogActivated(string job, HostName host, Epoch epoch);

    [LoggerMessage(EventId = EventIds.RootPhase, Message = "Epoch {Epoch}: {Phase}")]
    private partial void LogPhase(LogLevel level, Epoch epoch, string phase);

    [LoggerMessage(EventIds.RootRecovered, LogLevel.Information, "Epoch {Epoch}: {Recovery}")]
    private partial void LogRecovered(Epoch epoch, string recovery);

    [LoggerMessage(EventIds.RootProgress, LogLevel.Information, "Epoch {Epoch}: {Progress}")]
    private partial void LogProgress(Epoch epoch, string progress);

    [LoggerMessage(EventIds.RecordLost, LogLevel.Warning, "The store has lost the record of job {Job}; the record is written again")]
    private partial void LogRecordLost(string job);

    [LoggerMessage(EventIds.RootFault, LogLevel.Error, "The root agent failed to decide; it tries again at every report")]
    private partial void LogFault(Exception fault);

    [LoggerMessage(EventIds.OddHost, LogLevel.Error,
        "The root agent of {Job} does not start on host {Host}, which is configured for another job: {Differences}")]
    private partial void LogOddHost(string job, HostName host, string differences);

    [LoggerMessage(EventIds.RecordNotRead, LogLevel.Warning, "The record was not read: {Error}")]
    private partial void LogRecordNotRead(string error);

    [LoggerMessage(EventIds.RecordReadAgain, LogLevel.Information, "The record is read again")]
    private partial void LogRecordReadAgain();

    [LoggerMessage(EventIds.NotEvaluated, LogLevel.Error, "The root agent cannot decide anything new; trying again: {Error}")]
    private partial void LogNotEvaluated(string error, Exception? unexpected);

    [LoggerMessage(EventIds.RootWorksAgain, LogLevel.Information, "Decisions are made again")]
    private partial void LogWorksAgain();

    [LoggerMessage(EventIds.RootOvertaken, LogLevel.Warning, "Root agent of {Job} on {Host} was overtaken by another one and ends")]
    private partial void LogOvertaken(string job, HostName host);

    [LoggerMessage(EventIds.SingleCopy, LogLevel.Warning, "{Warning}")]
    private partial void LogSingleCopy(string warning);

    [LoggerMessage(EventIds.GroupSilent, LogLevel.Debug, "Checkpoint group {Group} did not answer with its ledger: {Error}")]
    private partial void LogGroupSilent(int group, string error);

    [LoggerMessage(EventIds.NotTold, LogLevel.Debug, "{Host} was not told {Version}: {Error}")]
    private partial void LogNotTold(HostName host, string version, string error);

    [LoggerMessage(EventIds.RootViolated, LogLevel.Critical, "The root agent found a mistake in this program, and stops")]
    private partial void LogViolated(InvariantViolatedException violated);
}
