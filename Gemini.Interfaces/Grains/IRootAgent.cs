using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>
/// The root agent of one job (paper §3.2): makes the job's decisions. Key: the job's name. It is an ordinary grain without a fixed host: when its
/// silo dies, Orleans activates it on another silo, where it reads its record and continues.
/// </summary>
[Alias("gemini.IRootAgent")]
public interface IRootAgent : IGroupService, IGrainWithStringKey
{
    /// <summary>From every worker agent, on each change and once a second: the state of its host. Returns the state that the host should reach.</summary>
    /// <exception cref="JobMismatchException">The host is configured for another job than the record says.</exception>
    /// <exception cref="HostNameTakenException">Another silo process at another address reports under this host's name.</exception>
    [Alias("Report")]
    Task<HostDirective> ReportAsync(HostReport report);

    /// <summary>The job's status: the answer to "where am I safe?".</summary>
    [Alias("GetStatus"), CallableBy(CallerKind.Anyone)]
    Task<JobStatus> GetStatusAsync();

    /// <summary>
    /// Which snapshot is safe, and which present hosts hold its shards. Asks every checkpoint group, so it costs more than the status: do not poll it
    /// fast. Takes at most about a second.
    /// </summary>
    [Alias("GetCommitRecord"), CallableBy(CallerKind.Anyone)]
    Task<CommitRecord> GetCommitRecordAsync();
}
