using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Where the job stands: its record, its phase, and the version of the newest directive. Every part of the coordinator reads it. The coordinator
/// alone moves the job to another phase or version; a part amends only those properties of the record that are its own. Pure.
/// </summary>
/// <param name="job">The specification that counts.</param>
/// <param name="record">What an earlier root agent wrote; a new record for a new job.</param>
/// <param name="options">Settings.</param>
/// <param name="startedAt">When this root agent came up, Unix milliseconds.</param>
internal sealed class JobState(JobSpec job, RootRecord record, CoordinatorOptions options, long startedAt)
{
    public JobSpec Job { get; } = job;

    public PlacementPlan Placement { get; } = JobPlacement.PlanOf(job);

    public CoordinatorOptions Options { get; } = options;

    /// <summary>When this root agent came up, Unix milliseconds.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>To be persisted whenever it changed, before the decision that changed it is carried out.</summary>
    public RootRecord Record { get; set; } = record;

    public JobPhase Phase { get; private set; } = JobPhase.Forming;

    /// <summary>Why the job is in this phase, or what it waits for.</summary>
    public string Reason { get; private set; } = "waiting for hosts to report";

    /// <summary>For lack of which shards nothing can be restored; null unless that is why the phase is <see cref="JobPhase.Failed"/>.</summary>
    public MissingShards? Missing { get; private set; }

    /// <summary>Of the newest directive; the default before the first one.</summary>
    public DirectiveVersion Version { get; set; }

    /// <summary>Where the trainers of the epoch accept each other, by rank; empty before all are up.</summary>
    public ImmutableArray<string> RingEndpoints { get; set; } = [];

    /// <summary>Why the last evaluation could not be finished; null if it was.</summary>
    public Exception? Fault { get; set; }

    public HealthOptions Health => Options.Health;

    /// <summary>Memory counts for nothing in such a job: it is there to compare with.</summary>
    public bool IsBaseline => Job.Storage is { IsBaseline: true };

    /// <summary>What the epoch of <see cref="Version"/> began with.</summary>
    public DirectiveVersion Halt => new(Version.Epoch, DirectiveStep.Halt);

    /// <summary>What the recorded epoch ends with.</summary>
    public DirectiveVersion Complete => new(Record.Epoch, DirectiveStep.Complete);

    public void Enter(JobPhase phase, string reason, MissingShards? missing = null) => (Phase, Reason, Missing) = (phase, reason, missing);

    /// <summary>The phase stays.</summary>
    public void Explain(string reason) => Reason = reason;
}
