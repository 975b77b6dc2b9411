using Gemini.Grains.Health;
using Gemini.Grains.Machines;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Root;

/// <summary>All that a root agent reaches outside of itself. The grain gives it Orleans, the simulation its own network and time.</summary>
internal sealed record RootPorts
{
    /// <summary>Where the record is.</summary>
    public required IRecordStore Records { get; init; }

    /// <summary>How hosts and groups are called.</summary>
    public required IRootCalls Calls { get; init; }

    /// <summary>How trainers are asked whether they live.</summary>
    public required ITrainerProbe Probe { get; init; }

    /// <summary>Which silo processes the cluster holds for alive and dead. The same collection as long as nothing has changed.</summary>
    public required Func<IReadOnlyCollection<MemberView>> Members { get; init; }

    /// <summary>Who brings up machines; null: nobody does.</summary>
    public IMachineOperator? Machines { get; init; }

    /// <summary>
    /// Whether the next caller who does not know this root agent would be sent to another one. Throws if nobody can tell now. Default: never.
    /// </summary>
    public Func<Task<bool>> IsReplaced { get; init; } = () => Task.FromResult(false);

    /// <summary>This root agent is to end. The next call of anybody brings up another one.</summary>
    public required Action Leave { get; init; }

    /// <summary>Names the run of the job that begins now. Default: by a new id.</summary>
    public Func<JobSpec, DateTimeOffset, JobRun> BeginRun { get; init; } = JobRun.Begin;

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
