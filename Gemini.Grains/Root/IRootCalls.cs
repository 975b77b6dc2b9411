using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Root;

/// <summary>The calls that the root agent makes to the other agents of its job. Any of them may be lost, late or doubled.</summary>
internal interface IRootCalls
{
    /// <summary>
    /// Tells a host what should be. Throws whatever keeps the host from answering, in bounded time. Answers later and never at once: the caller
    /// is in the middle of an evaluation.
    /// </summary>
    /// <returns>What is.</returns>
    Task<HostReport> DirectAsync(HostName host, HostDirective directive);

    /// <summary>Tells these hosts of a commit. Nobody waits: a host that misses it learns it from its next directive.</summary>
    void Commit(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration);

    /// <summary>Tells these hosts that an iteration is given up. Nobody waits, as for a commit.</summary>
    void Abandon(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration);

    /// <summary>Asks a checkpoint group what it knows. Throws whatever keeps the group from answering.</summary>
    Task<GroupLedger> GetLedgerAsync(int group);
}
