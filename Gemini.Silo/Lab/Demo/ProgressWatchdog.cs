using System.Globalization;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Demo;

/// <summary>Ends a demo that makes no progress, and says what it waited for.</summary>
internal sealed class ProgressWatchdog(TimeProvider clock)
{
    /// <summary>Longer than any start of a trainer or recovery on a small machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>If nothing moves for this time while a host reports a problem, the host will not continue.</summary>
    private static readonly TimeSpan ProblemPatience = TimeSpan.FromSeconds(15);

    /// <summary>A slow model gets more time: this many of its iterations.</summary>
    private const int PatienceIterations = 20;

    private long _movedAt = clock.GetTimestamp();
    private string _standing = "";
    private JobStatus? _last;

    /// <summary>Notes a status, or that none came.</summary>
    /// <exception cref="LabException">Nothing has moved for too long.</exception>
    public void Observe(JobStatus? status)
    {
        if (status is not null && Standing(status) is var standing && standing != _standing)
        {
            _standing = standing;
            _movedAt = clock.GetTimestamp();
        }

        _last = status ?? _last;
        var still = clock.GetElapsedTime(_movedAt);
        if (still > ProblemPatience && Problem() is { } problem) throw new LabException(problem);
        var patience = TimeSpan.FromMilliseconds(Math.Max(Patience.TotalMilliseconds, PatienceIterations * (_last?.IterationMillisecondsMedian ?? 0)));
        if (still > patience)
            throw new LabException(string.Create(
                CultureInfo.InvariantCulture, $"nothing has moved for {still.TotalSeconds:0} s; waited for {WaitedFor()}"));
    }

    private string? Problem() => _last?.Hosts.Where(host => host.Alive && host.Report.Problem is not null)
        .Select(host => $"{host.Report.Host}: {host.Report.Problem}").FirstOrDefault();

    private string WaitedFor()
    {
        if (_last is null) return "the first host to answer";
        var trainers = _last.Hosts.SelectMany(host => host.Report.Trainers.Select(trainer =>
            $"{host.Report.Host} {(host.Alive ? trainer.State.ToString().ToLowerInvariant() : "lost")} at {trainer.Iteration}"));
        return $"{_last.Phase.ToString().ToLowerInvariant()}: {_last.Reason} ({string.Join(", ", trainers)})";
    }

    /// <summary>
    /// Everything that changes when the job makes progress. Reports' sequence numbers are left out: they grow even if the job hangs.
    /// </summary>
    private static string Standing(JobStatus status) => string.Join('|',
        status.Phase, status.Epoch, status.Trained, status.Captured, status.Committed,
        string.Join(',', status.Hosts.Select(host => $"{host.Report.Host}{host.Alive}{host.Position}{host.Report.Done}"
            + string.Concat(host.Report.Trainers.Select(trainer => $"{trainer.State}{trainer.Iteration}")))));
}
