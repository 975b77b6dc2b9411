using Gemini.Grains.Health;
using Gemini.Grains.Machines;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Root;

/// <summary>All that a root agent reaches outside itself. The grain gives it Orleans; the simulation gives it its own network and time.</summary>
internal sealed record RootPorts
{
    /// <summary>Stores the record.</summary>
    public required IRecordStore Records { get; init; }

    /// <summary>Calls hosts and groups.</summary>
    public required IRootCalls Calls { get; init; }

    /// <summary>Asks trainers whether they live.</summary>
    public required ITrainerProbe Probe { get; init; }

    /// <summary>The silo processes in membership, and whether each is alive or dead. The same collection as long as nothing has changed.</summary>
    public required Func<IReadOnlyCollection<MemberView>> Members { get; init; }

    /// <summary>The machine operator; null: there is none.</summary>
    public IMachineOperator? Machines { get; init; }

    /// <summary>
    /// Whether the directory sends a caller that does not know this root agent to another one. Throws if that cannot be found out now. Default: false.
    /// </summary>
    public Func<Task<bool>> IsReplaced { get; init; } = () => Task.FromResult(false);

    /// <summary>Ends this root agent. The next call, from any caller, starts another one.</summary>
    public required Action Leave { get; init; }

    /// <summary>Names the run of the job that begins now. Default: with a new id.</summary>
    public Func<JobSpec, DateTimeOffset, JobRun> BeginRun { get; init; } = JobRun.Begin;

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
