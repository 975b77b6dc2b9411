using Gemini.Grains.Health;
using Gemini.Grains.Root;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Root;

/// <summary>Hosts, groups and trainers that record the calls to them. They never answer, unless a test sets an answer.</summary>
internal sealed class AgentDoubles : IRootCalls, ITrainerProbe
{
    /// <summary>Every directive, in the order of sending.</summary>
    public List<(HostName Host, HostDirective Directive)> Directives { get; } = [];

    public Func<HostName, HostDirective, Task<HostReport>> Answer { get; set; } = (_, _) => Never<HostReport>();

    public Func<int, Task<GroupLedger>> Ledger { get; set; } = _ => Never<GroupLedger>();

    public Task<HostReport> DirectAsync(HostName host, HostDirective directive)
    {
        Directives.Add((host, directive));
        return Answer(host, directive);
    }

    public void Commit(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration)
    {
    }

    public void Abandon(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration)
    {
    }

    public Task<GroupLedger> GetLedgerAsync(int group) => Ledger(group);

    public Task<ProbeAnswer> AskAsync(string address) => Never<ProbeAnswer>();

    private static Task<T> Never<T>() => new TaskCompletionSource<T>().Task;
}
