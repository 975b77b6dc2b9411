using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Tests.Lab.Demo;

/// <summary>Statuses made by hand: four hosts host-0 to host-3 in their positions, host-4 a standby.</summary>
internal static class Statuses
{
    public static JobStatus Create(long trained, JobPhase phase = JobPhase.Running, params HostStatus[] hosts) => new()
    {
        Job = new JobSpec { Name = "job", Hosts = [.. Enumerable.Range(0, 4).Select(index => new HostName("host-" + index))] },
        Phase = phase,
        Reason = "as planned",
        Trained = new Iteration(trained),
        Hosts = hosts.Length > 0 ? [.. hosts] : [.. Enumerable.Range(0, 5).Select(index => Host("host-" + index, index < 4 ? index : null))],
    };

    public static HostStatus Host(string name, int? position, bool alive = true, string? problem = null) => new()
    {
        Alive = alive,
        Position = position is { } place ? new HostPosition(place) : null,
        Report = new HostReport
        {
            Host = new HostName(name),
            Incarnation = 1,
            Sequence = 1,
            SpecFingerprint = "",
            DataEndpoint = "",
            SiloProcessId = 100,
            Problem = problem,
            Trainers = position is null ? ImmutableArray<TrainerReport>.Empty : [new TrainerReport { LocalIndex = 0, State = TrainerState.Training, ProcessId = 200 }],
        },
    };

    /// <summary>A recovery whose phases take 1, 2, 3, 4, 5 ms from its detection on.</summary>
    public static RecoveryTimeline Recovery(
        long epoch, string host, long detectedAt, FailureKind kind = FailureKind.Software, bool resumed = true, long reached = 11, long from = 11) => new()
        {
            Epoch = new Epoch(epoch),
            Reason = "by hand",
            Kind = kind,
            Hosts = [new HostName(host)],
            ReachedIteration = new Iteration(reached),
            ResumedIteration = new Iteration(from),
            Source = kind == FailureKind.Software ? CopySource.Local : CopySource.Peer,
            DetectedAt = detectedAt,
            DecidedAt = resumed ? detectedAt + 1 : 0,
            ReplacedAt = resumed ? detectedAt + 3 : 0,
            FetchedAt = resumed ? detectedAt + 6 : 0,
            LoadedAt = resumed ? detectedAt + 10 : 0,
            ResumedAt = resumed ? detectedAt + 15 : 0,
        };
}
