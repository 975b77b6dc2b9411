using Gemini.Grains.Machines;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>For which hosts machines are asked for, and in which phases. The rules of one request: see MachinePlannerTests.</summary>
public sealed class MachineDeskTests
{
    private static readonly CoordinatorOptions Options = new() { Machines = new MachineOptions { ReturnGrace = TimeSpan.Zero } };

    private readonly Parts _parts = new(hosts: 4, job => job with { Standbys = [new HostName("s1")] }, options: Options);
    private readonly MachineDesk _desk;

    public MachineDeskTests()
    {
        _desk = new MachineDesk(_parts.State, _parts.Roster);
        _parts.ReportAll();
        _parts.Report("s1");
    }

    [Fact]
    public void EveryHostIsPresent_NothingIsAskedFor()
    {
        At(DirectiveStep.Run, JobPhase.Running);

        Assert.Equal("", Ask());
        Assert.Equal("start a standby, or the lost host again", _desk.Describe());
    }

    /// <summary>Before the first epoch, a new root agent does not know who is there. After the last one, nobody is needed.</summary>
    [Theory]
    [InlineData(DirectiveStep.Complete, JobPhase.Completed, "")]
    [InlineData(DirectiveStep.Halt, JobPhase.Halting, "s1 as a standby")]
    [InlineData(DirectiveStep.Halt, JobPhase.Replacing, "s1 as a standby")]
    [InlineData(DirectiveStep.Prepare, JobPhase.Preparing, "s1 as a standby")]
    [InlineData(DirectiveStep.Run, JobPhase.Running, "s1 as a standby")]
    public void AStandbyIsLost_IsAskedFor_WhileTheJobNeedsHosts(DirectiveStep step, JobPhase phase, string asked)
    {
        _parts.Lose(5, "s1");
        Assert.Equal("", Ask());

        At(step, phase);

        Assert.Equal(asked, Ask());
    }

    /// <summary>
    /// A host with a position whose silo is away may still have trainers that train, so nobody may replace its machine. In the step Halt this is
    /// over.
    /// </summary>
    [Fact]
    public void AHostWithAPositionIsAway_ItsMachineIsReplaced_OnlyInTheStepHalt()
    {
        At(DirectiveStep.Run, JobPhase.Running);
        _parts.Lose(5, "h2");
        Assert.Equal("", Ask());

        NewEpoch();

        Assert.Equal("h2 for position 2", Ask());
        Assert.StartsWith("h2 is requested, attempt 1", _desk.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheStandbyTakesThePlace_TheLostHostIsAskedForAsAStandby()
    {
        At(DirectiveStep.Run, JobPhase.Running);
        _parts.Lose(5, "h2");
        NewEpoch();
        Ask();

        _parts.State.Record = _parts.State.Record with { Assignment = _parts.State.Record.Assignment.SetItem(2, new HostName("s1")) };

        Assert.Equal("h2 as a standby", Ask());
    }

    [Fact]
    public void TheHostIsBack_NothingIsAskedForAnyMore()
    {
        At(DirectiveStep.Halt, JobPhase.Replacing);
        _parts.Lose(5, "h2");
        Assert.Equal("h2 for position 2", Ask());

        _parts.Report("h2", report => report with { Incarnation = 2 });

        Assert.Equal("", Ask());
    }

    [Fact]
    public void Observe_TheOperatorsWords_AreInTheDescription()
    {
        At(DirectiveStep.Halt, JobPhase.Replacing);
        _parts.Lose(5, "h2");
        Ask();

        _desk.Observe(Jobs.Host(2), attempt: 1, "asking the cloud");
        Assert.Equal("h2 is requested, attempt 1: asking the cloud", _desk.Describe());

        _desk.Observe(Jobs.Host(2), attempt: 1, MachineOutcome.Failed("quota exceeded"), now: 20);
        Assert.Equal("attempt 1 to get h2 failed: quota exceeded; next attempt after 5 s", _desk.Describe());
    }

    /// <summary>Without an operator people start hosts, and an answer can only be a stranger's.</summary>
    [Fact]
    public void NoOperator_NobodyIsAsked()
    {
        var parts = new Parts().At(DirectiveStep.Halt, JobPhase.Replacing).ReportAll();
        parts.Lose(5, "h2");
        var desk = new MachineDesk(parts.State, parts.Roster);

        desk.Evaluate(now: 10);
        desk.Observe(Jobs.Host(2), attempt: 1, MachineOutcome.Accepted("machine 1"), now: 20);

        Assert.Empty(desk.Requests);
    }

    private void At(DirectiveStep step, JobPhase phase) => _parts.At(step, phase);

    private void NewEpoch()
    {
        _parts.State.Record = _parts.State.Record with { Epoch = _parts.State.Record.Epoch.Next() };
        At(DirectiveStep.Halt, JobPhase.Halting);
    }

    private string Ask()
    {
        _desk.Evaluate(now: 10);
        Assert.All(_desk.Requests, request => Assert.Equal(MachineRequestState.Asked, request.State));
        return string.Join(", ", _desk.Requests.Select(request => $"{request.Host} {request.Reason}"));
    }
}
