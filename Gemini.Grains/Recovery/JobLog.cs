using System.Globalization;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Recovery;

/// <summary>
/// The lines about the job in the root agent's log: every change of phase, the end of every recovery, and once a minute the progress. A phase in
/// which a failure stops training is logged as a warning, so the warnings show every incident. Pure.
/// </summary>
internal sealed class JobLog
{
    private const long ProgressPeriodMilliseconds = 60_000;

    private Epoch _recovered;
    private string _phase = "";
    private long _progressAt;

    /// <param name="record">The record at the start. The root agent before has already logged the recoveries that ended in this record.</param>
    /// <param name="now">Unix milliseconds.</param>
    public JobLog(RootRecord record, long now)
    {
        _recovered = record.Recoveries.Where(recovery => recovery.ResumedAt > 0).Select(recovery => recovery.Epoch).DefaultIfEmpty().Max();
        _progressAt = now;
    }

    /// <summary>
    /// The line for a phase, such as "Running" or "Replacing: waiting for a host"; null if it equals the line that was logged last.
    /// </summary>
    public (LogLevel Level, string Text)? Phase(JobPhase phase, string reason, RootRecord record)
    {
        var text = reason.Length > 0 ? $"{phase}: {reason}" : $"{phase}";
        if (text == _phase) return null;
        _phase = text;
        var isIncident = record.Recoveries is [.., { ResumedAt: 0 }];
        return phase switch
        {
            JobPhase.Failed => (LogLevel.Error, text),
            JobPhase.Running when reason.Length > 0 => (LogLevel.Warning, text),
            JobPhase.Running or JobPhase.Completed or JobPhase.Forming => (LogLevel.Information, text),
            _ => (isIncident ? LogLevel.Warning : LogLevel.Information, text),
        };
    }

    /// <summary>The line for the recovery that has ended since the last call; null if none has.</summary>
    public string? Recovery(RootRecord record)
    {
        if (record.Recoveries is not [.., { ResumedAt: > 0 } last] || last.Epoch <= _recovered) return null;
        _recovered = last.Epoch;
        var failedAt = last.FailedAt > 0 ? last.FailedAt : last.DetectedAt;
        var from = last.Source switch
        {
            CopySource.None => "from the beginning",
            CopySource.Local => $"from iteration {last.ResumedIteration}, from the hosts' own memory",
            CopySource.Peer => $"from iteration {last.ResumedIteration}, partly from the memory of peers",
            _ => $"from iteration {last.ResumedIteration}, from storage",
        };
        var hosts = last.Hosts.IsEmpty ? "" : $" of {string.Join(", ", last.Hosts)}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"recovered in {(last.ResumedAt - failedAt) / 1000.0:0.0} s from a {$"{last.Kind}".ToLowerInvariant()} failure{hosts}: ")
            + $"training continues {from}; {last.IterationsLost} {(last.IterationsLost == 1 ? "iteration is" : "iterations are")} repeated";
    }

    /// <summary>Whether a minute has passed since the last progress line.</summary>
    public bool IsProgressDue(JobPhase phase, long now)
    {
        if (phase != JobPhase.Running || now - _progressAt < ProgressPeriodMilliseconds) return false;
        _progressAt = now;
        return true;
    }

    /// <summary>The progress line.</summary>
    public static string Progress(JobStatus status)
    {
        var trainers = status.Hosts.Where(host => host.Position is not null).SelectMany(host => host.Report.Trainers).ToList();
        var total = trainers.Select(trainer => trainer.TotalIterations).DefaultIfEmpty(0).Max();
        var loss = trainers.Select(trainer => trainer.Loss).FirstOrDefault(double.IsFinite, double.NaN);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"iteration {status.Trained}{(total > 0 ? $" of {total}" : "")}, committed {status.Committed}, ")
            + (status.Job.Storage is null ? "" : $"persisted {status.Persisted}, ")
            + string.Create(CultureInfo.InvariantCulture, $"{status.IterationMillisecondsMedian:0.#} ms an iteration")
            + (double.IsFinite(loss) ? string.Create(CultureInfo.InvariantCulture, $", loss {loss:0.0000}") : "");
    }
}
