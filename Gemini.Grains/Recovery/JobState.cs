using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// The state of the job: its record, its phase, and the version of the newest directive. Every part of the coordinator reads it. Only the coordinator
/// moves the job to another phase or version. A part changes only its own properties of the record. Pure.
/// </summary>
/// <param name="job">The specification of the job: that of the record, if the record has one.</param>
/// <param name="record">The record that an earlier root agent wrote; for a new job, a new record.</param>
/// <param name="options">Settings.</param>
/// <param name="startedAt">When this root agent came up, Unix milliseconds.</param>
internal sealed class JobState(JobSpec job, RootRecord record, CoordinatorOptions options, long startedAt)
{
    private RootRecord _record = record;
    private DirectiveVersion _version;

    public JobSpec Job { get; } = job;

    public PlacementPlan Placement { get; } = JobPlacement.PlanOf(job);

    public CoordinatorOptions Options { get; } = options;

    /// <summary>When this root agent came up, Unix milliseconds.</summary>
    public long StartedAt { get; } = startedAt;

    /// <summary>Must be persisted after every change, before the decision that changed it is carried out.</summary>
    public RootRecord Record
    {
        get => _record;
        set
        {
            RecordRules.Check(_record, value, Job);
            _record = value;
        }
    }

    public JobPhase Phase { get; private set; } = JobPhase.Forming;

    /// <summary>Why the job is in this phase, or what it waits for.</summary>
    public string Reason { get; private set; } = "waiting for hosts to report";

    /// <summary>
    /// The shards that are missing, so that nothing can be restored; null unless that is why the phase is <see cref="JobPhase.Failed"/>.
    /// </summary>
    public MissingShards? Missing { get; private set; }

    /// <summary>The version of the newest directive; the default value before the first one.</summary>
    public DirectiveVersion Version
    {
        get => _version;
        set
        {
            Invariant.Check(value >= _version, $"directive {value} follows {_version}");
            Invariant.Check(value.Epoch == _record.Epoch, $"directive {value} is sent, and the record is of epoch {_record.Epoch}");
            if (value.Step >= DirectiveStep.Prepare)
            {
                Invariant.Check(!_record.Assignment.Contains(null), $"directive {value} is sent while a position is vacant");
                Invariant.Check(!_record.ShardBytes.IsEmpty, $"directive {value} is sent before the sizes of the shards are known");
            }

            _version = value;
        }
    }

    /// <summary>The addresses at which the trainers of the epoch accept each other, by rank; empty before all trainers are up.</summary>
    public ImmutableArray<string> RingEndpoints { get; set; } = [];

    /// <summary>Why the last evaluation failed; null if it succeeded.</summary>
    public Exception? Fault { get; set; }

    public HealthOptions Health => Options.Health;

    /// <summary>Whether a recovery uses host memory. Otherwise the job is for comparison: it uses storage, or begins again.</summary>
    public bool RecoversFromMemory => Job.Checkpoints().RecoversFromMemory;

    /// <summary>The first directive of the epoch of <see cref="Version"/>.</summary>
    public DirectiveVersion Halt => new(Version.Epoch, DirectiveStep.Halt);

    /// <summary>The last directive of the recorded epoch.</summary>
    public DirectiveVersion Complete => new(Record.Epoch, DirectiveStep.Complete);

    public void Enter(JobPhase phase, string reason, MissingShards? missing = null)
    {
        Invariant.Check(Belongs(phase, Version.Step), $"the job becomes {phase} while its directive is {Version}");
        Invariant.Check(Version.Epoch > Epoch.Zero, $"the job becomes {phase} before its first epoch");
        Invariant.Check(missing is null || phase == JobPhase.Failed, $"shards are missing, and the job becomes {phase}");
        (Phase, Reason, Missing) = (phase, reason, missing);
    }

    /// <summary>Changes the reason and not the phase.</summary>
    public void Explain(string reason) => Reason = reason;

    /// <summary>
    /// Whether the job can be in a phase during a step. The remarks of <see cref="JobCoordinator"/> list the phases of each step; Failed is possible
    /// in Halt and Prepare.
    /// </summary>
    private static bool Belongs(JobPhase phase, DirectiveStep step) => phase switch
    {
        JobPhase.Halting or JobPhase.Replacing => step == DirectiveStep.Halt,
        JobPhase.Preparing => step == DirectiveStep.Prepare,
        JobPhase.Resuming or JobPhase.Running => step == DirectiveStep.Run,
        JobPhase.Persisting => step is DirectiveStep.Prepare or DirectiveStep.Run,
        JobPhase.Completed => step == DirectiveStep.Complete,
        JobPhase.Failed => step is DirectiveStep.Halt or DirectiveStep.Prepare,
        _ => false,
    };
}
