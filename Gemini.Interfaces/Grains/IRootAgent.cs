using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>
/// The root agent of one job (paper §3.2): decides. Key: the job's name. It is an ordinary grain and has no host of its
/// own; when its silo dies it comes up elsewhere, reads its record and goes on.
/// </summary>
[Alias("gemini.IRootAgent")]
public interface IRootAgent : IGrainWithStringKey
{
    /// <summary>From every worker agent, on each change and once a second: what is. Returns what should be.</summary>
    /// <exception cref="JobMismatchException">The host is configured for another job than the record says.</exception>
    /// <exception cref="HostNameTakenException">Another silo process at another address reports under this host's name.</exception>
    [Alias("Report")]
    Task<HostDirective> ReportAsync(HostReport report);

    /// <summary>From a checkpoint group: every one of its shards of this snapshot has its m replicas, with these hashes.</summary>
    [Alias("GroupComplete")]
    Task GroupCompleteAsync(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards);

    /// <summary>From a checkpoint group: one of its ranks skipped this iteration.</summary>
    [Alias("GroupSkipped")]
    Task GroupSkippedAsync(int group, Epoch epoch, Iteration iteration);

    /// <summary>The job's specification by the record; null before the first start.</summary>
    [Alias("GetSpec")]
    Task<JobSpec?> GetSpecAsync();

    /// <summary>Where the job stands: "where am I safe?".</summary>
    [Alias("GetStatus"), CallableBy(CallerKind.Anyone)]
    Task<JobStatus> GetStatusAsync();

    /// <summary>
    /// Which snapshot is safe, and which live hosts hold its shards. Asks every checkpoint group, so it costs more than the status, and
    /// is not for polling fast. Takes at most about a second.
    /// </summary>
    [Alias("GetCommitRecord"), CallableBy(CallerKind.Anyone)]
    Task<CommitRecord> GetCommitRecordAsync();
}
