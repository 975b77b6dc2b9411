using System.Collections.Immutable;
using Gemini.Grains.Machines;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Machines;

public sealed class MachinePlannerTests
{
    private static readonly HostName A = new("a");
    private static readonly HostName B = new("b");
    private static readonly HostName C = new("c");

    private static readonly MachineOptions Options = new()
    {
        ReturnGrace = TimeSpan.FromSeconds(5),
        PauseMinimum = TimeSpan.FromSeconds(10),
        PauseMaximum = TimeSpan.FromSeconds(60),
        AttemptLimit = TimeSpan.FromSeconds(100),
        JoinLimit = TimeSpan.FromSeconds(20),
    };

    private ImmutableArray<MachineRequest> _requests = [];

    [Fact]
    public void Missing_WithinTheGrace_IsNotAskedFor_AndAfterItIs()
    {
        Assert.Equal(("a", MachineRequestState.Pausing, 0), Only(Evaluate(11_000, Need(1, Lost(A, 10_000)))));
        Assert.Contains("if the host is not back within 4 s", _requests[0].Describe());
        Assert.Equal(MachineRequestState.Pausing, Evaluate(14_999, Need(1, Lost(A, 10_000)))[0].State);
        Assert.Equal(("a", MachineRequestState.Asked, 1), Only(Evaluate(15_000, Need(1, Lost(A, 10_000)))));
        Assert.Equal((10_000, 15_000, 115_000), (_requests[0].MissingSince, _requests[0].Since, _requests[0].Until));
    }

    [Fact]
    public void Missing_BackWithinTheGrace_WasNeverAskedFor()
    {
        Evaluate(10_000, Need(1, Lost(A, 10_000)));
        Assert.Empty(Evaluate(14_000, Need(0)));
        Assert.Equal(MachineRequestState.Pausing, Evaluate(20_000, Need(1, Lost(A, 19_000)))[0].State);
    }

    [Fact]
    public void Missing_SinceNobodyKnowsWhen_CountsFromNow()
    {
        Evaluate(50_000, Need(1, new MissingMachine(A, "as a standby", null)));
        Assert.Equal((50_000, 55_000), (_requests[0].MissingSince, _requests[0].Until));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(3, 40)]
    [InlineData(4, 60)]
    [InlineData(5, 60)]
    [InlineData(int.MaxValue, 60)]
    public void Pause_DoublesUpToTheLongest(int attempt, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), MachinePlanner.Pause(attempt, Options));

    [Fact]
    public void Failed_AgainAndAgain_IsAskedAtThePausesOfTheOptions()
    {
        var need = Need(1, Lost(A, 0));
        var asked = new List<long>();
        for (var now = 0L; now < 250_000; now += 1_000)
        {
            if (Evaluate(now, need)[0].State != MachineRequestState.Asked) continue;
            asked.Add(now / 1_000);
            Answer(now, A, _requests[0].Attempt, MachineOutcome.Failed("no capacity"));
        }

        Assert.Equal([5, 15, 35, 75, 135, 195], asked);
        Assert.Equal("attempt 6 to get a failed: no capacity; next attempt after 60 s", _requests[0].Describe());
    }

    [Fact]
    public void Accepted_AndJoined_EndsTheRequest()
    {
        Ask(A, at: 5_000);
        Answer(7_000, A, 1, MachineOutcome.Accepted("pid 7"));
        Assert.Equal((MachineRequestState.Joining, 27_000L), (_requests[0].State, _requests[0].Until));
        Assert.Equal("a was started at attempt 1 and has not joined yet: pid 7", _requests[0].Describe());
        Assert.Empty(Evaluate(8_000, Need(0)));
    }

    [Fact]
    public void Accepted_AndNeverJoined_IsAskedForAgain_AndWhatCameUpCountsAsLost()
    {
        Ask(A, at: 5_000);
        Answer(7_000, A, 1, MachineOutcome.Accepted("pid 7"));
        var need = Need(1, Lost(A, 0));
        Assert.Equal(MachineRequestState.Joining, Evaluate(26_999, need)[0].State);
        Assert.Equal(MachineRequestState.Pausing, Evaluate(27_000, need)[0].State);
        Assert.Contains("(pid 7), but its host did not join in 20 s", _requests[0].Answer);
        Assert.Equal(("a", MachineRequestState.Asked, 2), Only(Evaluate(37_000, need)));
        Assert.Equal(7_000, _requests[0].MissingSince);
    }

    [Fact]
    public void Asked_NobodyAnswers_IsAskedForAgainAfterTheLimit()
    {
        Ask(A, at: 5_000);
        var need = Need(1, Lost(A, 0));
        Assert.Equal(MachineRequestState.Asked, Evaluate(134_999, need)[0].State);
        Assert.Equal(MachineRequestState.Pausing, Evaluate(135_000, need)[0].State);
        Assert.Contains("has not answered", _requests[0].Answer);
    }

    [Fact]
    public void Answer_ToAnEarlierAttempt_ChangesNothing()
    {
        Ask(A, at: 5_000);
        Answer(6_000, A, 1, MachineOutcome.Failed("first"));
        Evaluate(16_000, Need(1, Lost(A, 0)));
        var before = _requests;
        Answer(17_000, A, 1, MachineOutcome.Accepted("late"));
        Answer(17_000, B, 2, MachineOutcome.Accepted("not asked for"));
        _requests = MachinePlanner.Said(A, 1, "late", _requests);
        Assert.Equal(before, _requests);
    }

    [Fact]
    public void Said_IsShownUntilTheNextAttempt()
    {
        Ask(A, at: 5_000);
        _requests = MachinePlanner.Said(A, 1, "pod a is Pending", _requests);
        Assert.Equal("a is requested, attempt 1: pod a is Pending", _requests[0].Describe());
        Answer(6_000, A, 1, MachineOutcome.Failed("no"));
        Evaluate(16_000, Need(1, Lost(A, 0)));
        Assert.Equal("a is requested, attempt 2", _requests[0].Describe());
    }

    [Fact]
    public void TwoMissing_AHostOfAnotherNameJoins_TheOneBeingWorkedOnIsKept()
    {
        var need = Need(2, Lost(A, 0), Lost(B, 0));
        Evaluate(5_000, need);
        Answer(6_000, A, 1, MachineOutcome.Failed("no"));
        Assert.Equal(("b", MachineRequestState.Asked, 1), Only(Evaluate(7_000, Need(1, Lost(A, 0), Lost(B, 0)))));
    }

    [Fact]
    public void Reason_FollowsWhatTheMachineIsWantedFor()
    {
        Ask(A, at: 5_000);
        Assert.Equal("as a standby", Evaluate(6_000, Need(1, new MissingMachine(A, "as a standby", 0)))[0].Reason);
    }

    /// <summary>Whatever happens: one request for each missing machine and no more, and none for a host that is present.</summary>
    [Fact]
    public void Random_Lives_RequestsAreBoundedByNeed()
    {
        var random = new Random(7);
        HostName[] all = [A, B, C];
        var missing = new Dictionary<HostName, long>();
        var attempts = 0;
        for (var now = 0L; now < 5_000_000; now += 1_000)
        {
            var host = all[random.Next(all.Length)];
            if (random.Next(40) == 0 && !missing.Remove(host)) missing[host] = now;
            var others = random.Next(10) == 0 ? random.Next(2) : 0;
            var need = Need(Math.Max(0, missing.Count - others), [.. missing.Select(entry => Lost(entry.Key, entry.Value))]);
            Evaluate(now, need);
            Assert.Equal(need.Count, _requests.Length);
            Assert.All(_requests, request => Assert.Contains(request.Host, missing.Keys));
            Assert.Equal(_requests.Length, _requests.Select(request => request.Host).Distinct().Count());
            foreach (var request in _requests.Where(request => request.State == MachineRequestState.Asked && random.Next(4) == 0))
            {
                attempts++;
                Answer(now, request.Host, request.Attempt, random.Next(3) switch
                {
                    0 => MachineOutcome.Accepted("up"),
                    1 => MachineOutcome.Failed("no"),
                    _ => MachineOutcome.TimedOut("slow"),
                });
            }
        }

        Assert.InRange(attempts, 50, 1_000);
    }

    private void Ask(HostName host, long at)
    {
        Evaluate(at, Need(1, Lost(host, 0)));
        Assert.Equal((host.Value, MachineRequestState.Asked, 1), Only(_requests));
    }

    private ImmutableArray<MachineRequest> Evaluate(long now, MachineNeed need) =>
        _requests = MachinePlanner.Evaluate(now, need, _requests, Options);

    private void Answer(long now, HostName host, int attempt, MachineOutcome outcome) =>
        _requests = MachinePlanner.Answered(now, host, attempt, outcome, _requests, Options);

    private static (string, MachineRequestState, int) Only(ImmutableArray<MachineRequest> requests)
    {
        var request = Assert.Single(requests);
        return (request.Host.Value, request.State, request.Attempt);
    }

    private static MachineNeed Need(int count, params ImmutableArray<MissingMachine> missing) => new(count, missing);

    private static MissingMachine Lost(HostName host, long at) => new(host, "for position 0", at);
}
