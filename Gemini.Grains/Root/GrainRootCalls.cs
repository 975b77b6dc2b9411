using Gemini.Grains.Hosting;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Root;

/// <summary>The root agent's calls, made to grains.</summary>
internal sealed class GrainRootCalls(IGrainFactory grains, JobSpec job) : IRootCalls
{
    public Task<HostReport> DirectAsync(HostName host, HostDirective directive) => AgentOf(host).DirectAsync(directive);

    public void Commit(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration)
    {
        foreach (var host in hosts) AgentOf(host).CommitAsync(epoch, iteration).Ignore();
    }

    public void Abandon(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration)
    {
        foreach (var host in hosts) AgentOf(host).AbandonAsync(epoch, iteration).Ignore();
    }

    public Task<GroupLedger> GetLedgerAsync(int group) => grains.GetGrain<ICheckpointGroup>(GeminiGrains.GroupKey(job, group)).GetLedgerAsync();

    private IWorkerAgent AgentOf(HostName host) => grains.GetGrain<IWorkerAgent>(host.Value);
}
