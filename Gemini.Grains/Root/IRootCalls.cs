using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Root;

/// <summary>The calls that the root agent makes to the other agents of its job. Any of them may be lost, late or doubled.</summary>
internal interface IRootCalls
{
    /// <summary>
    /// Sends a host its directive. If the host does not answer, throws the cause within bounded time. Never answers synchronously: the caller is in
    /// the middle of an evaluation.
    /// </summary>
    /// <returns>The host's report.</returns>
    Task<HostReport> DirectAsync(HostName host, HostDirective directive);

    /// <summary>
    /// Tells these hosts of a commit. Nobody waits for them: a host that misses the message learns of the commit from its next directive.
    /// </summary>
    void Commit(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration);

    /// <summary>Tells these hosts that an iteration is abandoned. Nobody waits for them, as for a commit.</summary>
    void Abandon(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration);

    /// <summary>Reads the ledger of a checkpoint group. If the group does not answer, throws the cause.</summary>
    Task<GroupLedger> GetLedgerAsync(int group);
}
