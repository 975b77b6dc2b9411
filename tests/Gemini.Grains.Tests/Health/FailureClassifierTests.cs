using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Health;

public sealed class FailureClassifierTests
{
    private static readonly HealthOptions Options = new() { SiloGrace = TimeSpan.FromSeconds(10), LostPeerGrace = TimeSpan.FromSeconds(1) };

    public static MatrixTheoryData<long, bool, bool?> LostSilos => new([0, 10_000, 10_001], [false, true], [null, false, true]);

    [Theory]
    [MemberData(nameof(LostSilos))]
    public void SiloLost_ASecondWitnessOrTheGrace_FailsTheHost(long lostFor, bool peersLostIt, bool? trainersAnswer)
    {
        var host = Host(TrainerState.Training) with { SiloLostForMilliseconds = lostFor, PeersLostIt = peersLostIt, TrainersAnswer = trainersAnswer };
        var isLost = peersLostIt || trainersAnswer == false || lostFor > 10_000;

        Assert.Equal(isLost ? HealthVerdict.HostFailed : HealthVerdict.SiloAway, Evaluate(host).Verdict);
    }

    [Fact]
    public void TrainersDoNotAnswer_SiloLives_IsNotTheHostsFailure() =>
        Assert.Equal(HealthVerdict.Healthy, Evaluate(Host(TrainerState.Training) with { TrainersAnswer = false }).Verdict);

    [Theory]
    [InlineData(TrainerState.Training, HealthVerdict.Healthy)]
    [InlineData(TrainerState.Loading, HealthVerdict.Healthy)]
    [InlineData(TrainerState.Awaited, HealthVerdict.Healthy)]
    [InlineData(TrainerState.Finished, HealthVerdict.Healthy)]
    [InlineData(TrainerState.Exited, HealthVerdict.TrainerFailed)]
    [InlineData(TrainerState.Starting, HealthVerdict.TrainerFailed)]
    [InlineData(TrainerState.Waiting, HealthVerdict.TrainerFailed)]
    public void Running_TheTrainersStateDecides(TrainerState state, HealthVerdict expected) =>
        Assert.Equal(expected, Evaluate(Host(state)).Verdict);

    [Theory]
    [InlineData(TrainerState.Exited)]
    [InlineData(TrainerState.Starting)]
    [InlineData(TrainerState.Waiting)]
    public void NotRunning_NoTrainerIsExpectedToTrain(TrainerState state) =>
        Assert.Equal(HealthVerdict.Healthy, Evaluate(Host(state) with { Running = false }).Verdict);

    /// <summary>The trainer's peers were told the address of the process before it, so this epoch cannot succeed.</summary>
    [Theory]
    [InlineData(TrainerState.Exited, "", HealthVerdict.TrainerFailed)]
    [InlineData(TrainerState.Starting, "", HealthVerdict.TrainerFailed)]
    [InlineData(TrainerState.Waiting, "a:2", HealthVerdict.TrainerFailed)]
    [InlineData(TrainerState.Loading, "a:2", HealthVerdict.TrainerFailed)]
    [InlineData(TrainerState.Waiting, "a:1", HealthVerdict.Healthy)]
    [InlineData(TrainerState.Awaited, "", HealthVerdict.Healthy)]
    public void Resumes_AnotherProcessThanPeersWereToldOf_Fails(TrainerState state, string endpoint, HealthVerdict expected)
    {
        var host = Host(state) with { Running = false, Resumes = true, RingEndpoints = ["x:9", "a:1"], FirstRank = 1 };
        host = host with { Trainers = [host.Trainers[0] with { RingEndpoint = endpoint }] };

        Assert.Equal(expected, Evaluate(host).Verdict);
    }

    /// <summary>The new process got the restore point before the root agent learned of the process.</summary>
    [Fact]
    public void Running_AnotherProcessLoads_Fails()
    {
        var host = Host(TrainerState.Loading) with { RingEndpoints = ["a:1"] };
        host = host with { Trainers = [host.Trainers[0] with { RingEndpoint = "a:2" }] };

        Assert.Equal(HealthVerdict.TrainerFailed, Evaluate(host).Verdict);
    }

    [Theory]
    [InlineData(0, HealthVerdict.Healthy)]
    [InlineData(1_000, HealthVerdict.Healthy)]
    [InlineData(1_001, HealthVerdict.TrainerFailed)]
    public void Interrupted_WaitsForABetterExplanation(long interruptedFor, HealthVerdict expected) =>
        Assert.Equal(expected, Evaluate(Interrupted(interruptedFor)).Verdict);

    [Fact]
    public void PeersLostIt_SiloLives_IsNotTheHostsFailure() =>
        Assert.Equal(HealthVerdict.Healthy, Evaluate(Host(TrainerState.Training) with { PeersLostIt = true }).Verdict);

    [Fact]
    public void SecondTrainerOfTheHostExited_IsFound()
    {
        var host = Host(TrainerState.Training);
        host = host with { Trainers = [.. host.Trainers, new TrainerReport { LocalIndex = 1, State = TrainerState.Exited }] };

        Assert.Equal((HealthVerdict.TrainerFailed, "h0: trainer 1 exited"), Evaluate(host));
    }

    [Fact]
    public void Reasons_NameTheHostAndWhatIsWrong()
    {
        Assert.Equal("h0: trainer 0 exited", Evaluate(Host(TrainerState.Exited)).Reason);
        Assert.Contains("rank 3", Evaluate(Interrupted(1_001)).Reason);
        var gone = Host(TrainerState.Training) with { SiloLostForMilliseconds = 10_001 };
        Assert.Equal("h0: its silo has been gone for 10001 ms, longer than 10 s", Evaluate(gone).Reason);
        Assert.Equal("", Evaluate(Host(TrainerState.Training)).Reason);
    }

    private static (HealthVerdict Verdict, string Reason) Evaluate(HostObservation host) => FailureClassifier.Evaluate(host, Options);

    private static HostObservation Interrupted(long interruptedFor)
    {
        var trainer = new TrainerReport { LocalIndex = 0, State = TrainerState.Interrupted, LostPeer = new Rank(3) };
        return Host(TrainerState.Interrupted) with { Trainers = [trainer], InterruptedForMilliseconds = interruptedFor };
    }

    private static HostObservation Host(TrainerState state) => new()
    {
        Host = Jobs.Host(0),
        Running = true,
        Trainers = [new TrainerReport { LocalIndex = 0, State = state }],
    };
}
