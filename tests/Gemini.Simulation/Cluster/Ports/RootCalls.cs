using Gemini.Grains.Health;
using Gemini.Grains.Root;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>One root agent's messages to hosts and trainers, through the network. The truths see each message when it leaves.</summary>
internal sealed class RootCalls(World world, RootActivation root) : IRootCalls, ITrainerProbe
{
    /// <summary>How long a trainer's answer is waited for.</summary>
    public const int ProbeLimitMilliseconds = 600;

    private const int CallLimitMilliseconds = 2000;

    public async Task<HostReport> DirectAsync(HostName host, HostDirective directive)
    {
        var sent = Checked(host, directive);
        var (isAnswered, report) = await root.Silo.CallHostAsync(root, host, CallLimitMilliseconds, silo => silo.Direct(sent));
        return isAnswered ? report! : throw new GrainFailure("no answer");
    }

    public void Commit(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration)
    {
        world.Truths.Committed(root.Coordinator!.Record, iteration);
        Tell(hosts, agent => agent.CommitAsync(epoch, iteration));
    }

    public void Abandon(IEnumerable<HostName> hosts, Epoch epoch, Iteration iteration) => Tell(hosts, agent => agent.AbandonAsync(epoch, iteration));

    /// <summary>Not simulated: only people ask for a commit record.</summary>
    public Task<GroupLedger> GetLedgerAsync(int group) => throw new NotSupportedException();

    public Task<ProbeAnswer> AskAsync(string address)
    {
        var answer = new TaskCompletionSource<ProbeAnswer>();
        void Answer(ProbeAnswer said)
        {
            if (root.Alive) answer.TrySetResult(said);
        }

        var (trainer, here) = (world.TrainerAt(address)!, root.Silo.Machine.Index);
        var there = trainer.Machine.Index;
        world.Loop.Schedule(ProbeLimitMilliseconds, () => Answer(ProbeAnswer.Silent));
        world.Network.Send(here, there, () =>
        {
            if (!trainer.Machine.IsOn || trainer.IsFrozen) return;
            var said = trainer.Answer;
            world.Network.Send(there, here, () => Answer(said));
        });
        return answer.Task;
    }

    /// <summary>Shows the directive to the truths. Returns the directive to send to the host.</summary>
    public HostDirective Checked(HostName host, HostDirective directive)
    {
        world.Truths.Sent(root, root.Coordinator!.Record, host, directive);
        return world.Has(Defect.MixedSnapshots) ? Mix(host, directive) : directive;
    }

    /// <summary>The defect: the host at position 1 is told to load the other snapshot that it holds.</summary>
    private HostDirective Mix(HostName host, HostDirective directive)
    {
        if (directive.Restore is not { } restore || directive.Position?.Value != 1) return directive;
        var memory = world.MachineOf(host).Memory;
        var owners = directive.Own.Select(shard => memory.Find(shard.Owner)?.Slots.FirstOrDefault(
            slot => slot.State == SlotState.Sealed && slot.Snapshot.CompareTo(restore) < 0)).ToList();
        if (owners.Contains(null)) return directive;
        return directive with
        {
            Restore = owners[0]!.Snapshot,
            Own = [.. directive.Own.Zip(owners, (shard, slot) => shard with { Hash = slot!.Hash, Sources = [host] })],
        };
    }

    private void Tell(IEnumerable<HostName> hosts, Func<IWorkerService, Task> message)
    {
        foreach (var host in hosts.ToList())
        {
            world.Network.Send(root.Silo.Machine.Index, world.MachineOf(host).Index, () =>
            {
                if (world.MachineOf(host).Silo is { IsUp: true } silo) silo.Launch(() => message(silo.Agent));
            });
        }
    }
}
