using Gemini.Interfaces;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Root;

// The root agent's log messages.
internal sealed partial class RootDriver
{
    private readonly ILogger _logger = ports.Log;

    [LoggerMessage(2100, LogLevel.Information, "Root agent of {Job} is up on {Host}, epoch {Epoch}")]
    private partial void LogActivated(string job, HostName host, Epoch epoch);

    [LoggerMessage(EventId = 2101, Message = "Epoch {Epoch}: {Phase}")]
    private partial void LogPhase(LogLevel level, Epoch epoch, string phase);

    [LoggerMessage(2105, LogLevel.Information, "Epoch {Epoch}: {Recovery}")]
    private partial void LogRecovered(Epoch epoch, string recovery);

    [LoggerMessage(2106, LogLevel.Information, "Epoch {Epoch}: {Progress}")]
    private partial void LogProgress(Epoch epoch, string progress);

    [LoggerMessage(2152, LogLevel.Warning, "The store has lost the record of job {Job}; the record is written again")]
    private partial void LogRecordLost(string job);

    [LoggerMessage(2150, LogLevel.Error, "The root agent failed to decide; it tries again at every report")]
    private partial void LogFault(Exception fault);

    [LoggerMessage(2151, LogLevel.Error, "The root agent of {Job} does not start on host {Host}, which is configured for another job: {Differences}")]
    private partial void LogOddHost(string job, HostName host, string differences);

    [LoggerMessage(2103, LogLevel.Warning, "The record was not read: {Error}")]
    private partial void LogRecordNotRead(string error);

    [LoggerMessage(2107, LogLevel.Information, "The record is read again")]
    private partial void LogRecordReadAgain();

    [LoggerMessage(2108, LogLevel.Error, "The root agent cannot decide anything new; trying again: {Error}")]
    private partial void LogNotEvaluated(string error, Exception? unexpected);

    [LoggerMessage(2109, LogLevel.Information, "Decisions are made again")]
    private partial void LogWorksAgain();

    [LoggerMessage(2104, LogLevel.Warning, "Root agent of {Job} on {Host} was overtaken by another one and ends")]
    private partial void LogOvertaken(string job, HostName host);

    [LoggerMessage(2140, LogLevel.Warning, "{Warning}")]
    private partial void LogSingleCopy(string warning);

    [LoggerMessage(2141, LogLevel.Debug, "Checkpoint group {Group} did not answer with its ledger: {Error}")]
    private partial void LogGroupSilent(int group, string error);

    [LoggerMessage(2102, LogLevel.Debug, "{Host} was not told {Version}: {Error}")]
    private partial void LogNotTold(HostName host, string version, string error);

    [LoggerMessage(2153, LogLevel.Critical, "The root agent found a mistake in this program, and stops")]
    private partial void LogViolated(InvariantViolatedException violated);
}
