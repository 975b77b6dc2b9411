using System.Globalization;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Detection;

/// <summary>
/// <c>gemini drill calm</c>: trains while another program takes all cores. Every failure that the root agent then reports is a false alarm.
/// </summary>
internal sealed class CalmDrill(DetectionOptions options, TextWriter output, TextWriter error, TimeProvider clock)
{
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _alarms = [];
    private Iteration _newest;
    private long _newestAt;
    private TimeSpan _longestStep;
    private int _unanswered;

    /// <summary>The exit code.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        await using var cluster = new DetectionCluster(options, network: null, clock, Say, ct);
        await cluster.StartAsync(ct);
        var first = await cluster.ReadyAsync();
        using var busy = new BusyCores(options.Duration + TimeSpan.FromMinutes(1));
        Say($"iteration {first.Trained}; from now on {busy.Count} endless loops take all {Environment.ProcessorCount} cores, "
            + $"for {options.Duration.TotalMinutes:0.#} minutes");
        var last = await WatchAsync(cluster, first, busy);
        if (options.Logs is null && _alarms.Count == 0) cluster.Succeed();
        return Conclude(first, last, busy);
    }

    private async Task<JobStatus> WatchAsync(DetectionCluster cluster, JobStatus first, BusyCores busy)
    {
        var (begun, reported, last) = (clock.GetTimestamp(), clock.GetTimestamp(), first);
        (_newest, _newestAt) = (first.Trained, begun);
        while (clock.GetElapsedTime(begun) < options.Duration && busy.AllRun)
        {
            if (await cluster.NextAsync() is not { } status)
            {
                _unanswered++;
                continue;
            }

            Observe(status, first);
            last = status;
            if (clock.GetElapsedTime(reported) < ReportPeriod) continue;
            reported = clock.GetTimestamp();
            Say(string.Create(CultureInfo.InvariantCulture,
                $"iteration {status.Trained}, median {status.IterationMillisecondsMedian:0} ms, false alarms: {_alarms.Count}")
                + (status.Slow is { } slow ? $", slow: {slow}" : ""));
        }

        return last;
    }

    private void Observe(JobStatus status, JobStatus first)
    {
        if (status.Trained > _newest || status.Epoch != first.Epoch)
        {
            var step = clock.GetElapsedTime(_newestAt);
            if (step > _longestStep) _longestStep = step;
            (_newest, _newestAt) = (status.Trained, clock.GetTimestamp());
        }

        if (status.Phase == JobPhase.Running && status.Reason.Length > 0) Alarm(status.Reason);
        foreach (var recovery in status.Recoveries.Skip(first.Recoveries.Length)) Alarm($"epoch {recovery.Epoch}: {recovery.Reason}");
        foreach (var host in status.Hosts.Where(host => !host.Alive)) Alarm($"{host.Report.Host} was declared dead");
    }

    private void Alarm(string reason)
    {
        if (_alarms.Add(reason)) Say($"FALSE ALARM: {reason}");
    }

    private int Conclude(JobStatus first, JobStatus last, BusyCores busy)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{options.Duration.TotalMinutes:0.#} minutes, {last.Trained.Value - first.Trained.Value} iterations "
            + $"(median {last.IterationMillisecondsMedian:0} ms, longest without one {_longestStep.TotalMilliseconds:0} ms), "
            + $"{busy.Count} busy loops on {Environment.ProcessorCount} cores, {_unanswered} questions unanswered, false alarms: {_alarms.Count}"));
        if (!busy.AllRun) return Fail("a busy loop ended early: the cores were not busy all the time");
        if (last.Trained.Value <= first.Trained.Value) return Fail("nothing was trained: this shows nothing");
        return _alarms.Count == 0 ? ExitCodes.Success : Fail(string.Join("; ", _alarms));
    }

    private int Fail(string reason)
    {
        error.WriteLine($"gemini drill calm: {reason}");
        return ExitCodes.Failed;
    }

    private void Say(string line) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{clock.GetUtcNow():HH:mm:ss.fff}] {line}"));
}
