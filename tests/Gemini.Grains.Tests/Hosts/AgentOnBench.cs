using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>A worker agent on the bench: its loops, and the calls to it.</summary>
internal sealed class AgentOnBench : IDisposable
{
    private readonly HostBench _host;

    public AgentOnBench(HostBench host)
    {
        _host = host;
        Agent = new WorkerAgent(host.Job, host.Identity, host.State, host.Ports, host.Time, host.Log);
    }

    public WorkerAgent Agent { get; }

    /// <summary>The loops have ended.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Why they ended; null if they were cancelled.</summary>
    public HostLoopEnd? End { get; private set; }

    /// <summary>The newest report that the root agent got.</summary>
    public HostReport LastReport => _host.ControlPlane.Reports[^1].Report;

    /// <summary>Runs the loops until the test ends.</summary>
    public void Start() => _host.Run(async () => (End, HasEnded) = (await Agent.RunAsync(_host.Stopping), true));

    /// <summary>The root agent sends a directive, and the host does what it can do at once.</summary>
    public HostReport Direct(HostDirective directive)
    {
        HostReport? report = null;
        _host.Run(async () => report = await Agent.DirectAsync(directive));
        return report!;
    }

    /// <summary>What the host would report now.</summary>
    public HostReport Report() => Direct(_host.State.Directive);

    /// <summary>Starts the loops and leads the host through the steps of an epoch. Forgets what the journal has so far.</summary>
    public void RunEpoch(long epoch, SnapshotId? restore = null, params int[] sources) => RunEpoch(epoch, DirectiveStep.Run, restore, sources);

    /// <inheritdoc cref="RunEpoch(long, SnapshotId?, int[])"/>
    public void RunEpoch(long epoch, DirectiveStep upTo, SnapshotId? restore = null, params int[] sources)
    {
        Start();
        for (var step = DirectiveStep.Halt; step <= upTo; step++) Direct(_host.Directive(step, epoch, restore, sources));
        _host.TakeJournal();
    }

    /// <summary>A trainer's call, as far as it goes at once.</summary>
    public Answer<T> Ask<T>(Func<Task<T>> call)
    {
        Task<T>? answer = null;
        _host.Run(() =>
        {
            answer = call();
        });
        return new Answer<T>(answer!);
    }

    public void Dispose() => _host.Dispose();

    internal sealed class Answer<T>(Task<T> task)
    {
        public bool HasCome => task.IsCompleted;

        public T Value => task.IsCompleted ? task.GetAwaiter().GetResult() : throw new InvalidOperationException("There is no answer yet.");
    }
}
