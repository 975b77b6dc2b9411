using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>
/// All that a worker agent does for others: it carries out the root agent's directives, and serves the trainers of its host. <see cref="IWorkerAgent"/>
/// is the same with an address in the cluster.
/// </summary>
[Alias("gemini.IWorkerService")]
public interface IWorkerService : ITrainerService
{
    /// <summary>From the root agent: the state that the host should reach. Returns the host's present state at once. Progress follows in reports.</summary>
    [Alias("Direct")]
    Task<HostReport> DirectAsync(HostDirective directive);

    /// <summary>From the root agent: every shard of this iteration has its m replicas.</summary>
    [Alias("Commit")]
    Task CommitAsync(Epoch epoch, Iteration iteration);

    /// <summary>From the root agent: some rank skipped this iteration, so it will never be committed.</summary>
    [Alias("Abandon")]
    Task AbandonAsync(Epoch epoch, Iteration iteration);
}
