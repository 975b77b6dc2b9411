using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>
/// Which changes of the record a root agent may make, at the boundaries of each rule. That every write of the record is checked: see
/// <see cref="JobStateTests"/>.
/// </summary>
public sealed class RecordRulesTests
{
    private static readonly JobSpec Job = Jobs.Spec(hosts: 2, replicas: 2);

    private static readonly RootRecord Before = new()
    {
        Epoch = new Epoch(5),
        Spec = Job,
        Run = new JobRun(new Guid(1, 0, 0, new byte[8]), 2),
        Assignment = [Jobs.Host(0), Jobs.Host(1)],
        ShardBytes = [1, 1],
        Restore = Jobs.Snapshot(40, epoch: 4),
        Abandoned = new Iteration(9),
        Recoveries = [Recovery(3, isOpen: false), Recovery(5, isOpen: true)],
    };

    private static readonly Dictionary<string, Func<RootRecord, RootRecord>> Allowed = new()
    {
        ["nothing changes"] = record => record,
        ["a newer epoch forgets what was abandoned"] = record => record with { Epoch = new Epoch(6), Abandoned = default },
        ["an iteration is abandoned"] = record => record with { Abandoned = new Iteration(10) },
        ["a position becomes vacant"] = record => record with { Assignment = [Jobs.Host(0), null] },
        ["all positions are vacant"] = record => record with { Assignment = [null, null] },
        ["hosts change places"] = record => record with { Assignment = [Jobs.Host(1), Jobs.Host(0)] },
        ["the sizes are forgotten"] = record => record with { ShardBytes = [] },
        ["the snapshot is of the epoch before"] = record => record with { Restore = Jobs.Snapshot(41, epoch: 4) },
        ["the job starts from the beginning"] = record => record with { Restore = null },
        ["a snapshot of this epoch is stored"] = record => record with { Persisted = Jobs.Snapshot(41, epoch: 5) },
        ["the recovery ends"] = record => record with { Recoveries = [Recovery(3, isOpen: false), Recovery(5, isOpen: false)] },
        ["the oldest recovery is dropped"] = record => record with { Recoveries = [Recovery(5, isOpen: true)] },
    };

    private static readonly Dictionary<string, Func<RootRecord, RootRecord>> Refused = new()
    {
        ["the record goes from epoch 5 back to 4"] = record => record with { Epoch = new Epoch(4), Restore = null },
        ["the specification changes in the middle of the job"] = record => record with { Spec = Job with { } },
        ["the run changes in the middle of the job"] = record => record with { Run = default },
        ["iteration 9 is no longer abandoned, but 8"] = record => record with { Abandoned = new Iteration(8) },
        ["epoch 5 resumes from snapshot 41@5"] = record => record with { Restore = Jobs.Snapshot(41, epoch: 5) },
        ["snapshot 41@6 is in storage in epoch 5"] = record => record with { Persisted = Jobs.Snapshot(41, epoch: 6) },
        ["1 positions in a job of 2 hosts"] = record => record with { Assignment = [Jobs.Host(0)] },
        ["0 positions in a job of 2 hosts"] = record => record with { Assignment = [] },
        ["host h0 has two positions"] = record => record with { Assignment = [Jobs.Host(0), Jobs.Host(0)] },
        ["the recovery of epoch 3 is open beside that of epoch 5"] = record => record with { Recoveries = [Recovery(3, isOpen: true), Recovery(5, isOpen: true)] },
        ["the recovery of epoch 5 follows that of epoch 5"] = record => record with { Recoveries = [Recovery(5, isOpen: false), Recovery(5, isOpen: true)] },
        ["3 shard sizes in a job of 2 ranks"] = record => record with { ShardBytes = [1, 1, 1] },
        ["1 liveness addresses in a job of 2 ranks"] = record => record with { Liveness = ["h0:9"] },
    };

    public static TheoryData<string> AllowedChanges => new(Allowed.Keys);

    public static TheoryData<string> RefusedChanges => new(Refused.Keys);

    [Theory]
    [MemberData(nameof(AllowedChanges))]
    public void Check_AChangeThatARootAgentMakes_IsAllowed(string change) => RecordRules.Check(Before, Allowed[change](Before), Job);

    /// <summary>The key of each case is the beginning of the message.</summary>
    [Theory]
    [MemberData(nameof(RefusedChanges))]
    public void Check_AChangeThatBreaksARule_NamesIt(string message)
    {
        var error = Assert.Throws<InvariantViolatedException>(() => RecordRules.Check(Before, Refused[message](Before), Job));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Before the first epoch, the record learns what the job is.</summary>
    [Fact]
    public void Check_BeforeTheFirstEpoch_SpecificationAndRunMayChange() =>
        RecordRules.Check(new RootRecord { Run = new JobRun(new Guid(1, 0, 0, new byte[8]), 3) }, Before, Job);

    private static RecoveryTimeline Recovery(long epoch, bool isOpen) =>
        new() { Epoch = new Epoch(epoch), Reason = "x", Kind = FailureKind.Software, ResumedAt = isOpen ? 0 : 1 };
}
