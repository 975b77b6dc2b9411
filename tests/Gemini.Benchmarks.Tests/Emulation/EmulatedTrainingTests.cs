using Gemini.Benchmarks.Emulation;
using Gemini.Interfaces.Presets;
using Gemini.Trainer.Data;
using Gemini.Trainer.Sharding;
using TorchSharp;

namespace Gemini.Benchmarks.Tests.Emulation;

/// <summary>The real step with an emulated model, on one rank.</summary>
public sealed class EmulatedTrainingTests
{
    private static readonly ModelShape Shape = ModelPresets.Get("gpt2-nano");
    private static readonly EmulationProfile Profile = new(
        Repeats: 3, [new EmulationPhase(From: 0, Ms(100), [Ms(1), Ms(2)], Ms(50), [Ms(10), Ms(20)], Jitter: 0)]);

    private readonly List<TimeSpan> _waits = [];

    [Fact]
    public void Step_WaitsInTheOrderOfTheComputation_AndChangesEveryPartOfTheState()
    {
        using var step = Step(Profile);
        step.Reset();
        var before = step.State.Parameters.data<float>().ToArray();
        for (var iteration = 0; iteration < 2; iteration++)
        {
            step.ForwardBackward(new OneRank());
            step.ApplyOptimizer();
        }

        TimeSpan[] each = [Ms(100), Ms(1), Ms(2), Ms(50), Ms(20), Ms(10)];
        Assert.Equal([.. each, .. each], _waits);
        Assert.All(before.Zip(step.State.Parameters.data<float>().ToArray()), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.All(step.State.ExpAvg.data<float>().ToArray(), moment => Assert.NotEqual(0, moment));
    }

    [Fact]
    public void Jitter_IsTheSameOnEveryRank_AndOtherInTheNextIteration()
    {
        var jittered = Profile with { Phases = [Profile.Phases[0] with { Jitter = 0.3 }] };
        using TrainingStep first = Step(jittered), second = Step(jittered);
        foreach (var step in (TrainingStep[])[first, second])
        {
            step.Reset();
            step.ForwardBackward(new OneRank());
            step.ForwardBackward(new OneRank());
        }

        Assert.Equal(_waits[..12], _waits[12..]);
        Assert.NotEqual(_waits[..6], _waits[6..12]);
        Assert.InRange(_waits[4], Ms(14), Ms(26));
    }

    [Fact]
    public void RepeatedCollectives_MoveTheBytesSeveralTimes_WithTheResultOfOneTime()
    {
        using torch.Tensor full = torch.ones(4), own = torch.zeros(4);
        var inner = new OneRank();
        var collectives = new RepeatedCollectives(inner, repeats: 3);
        collectives.ReduceScatter(full, own);
        Assert.Equal([2f, 2, 2, 2], own.data<float>().ToArray());
        collectives.AllGather(own, full);
        Assert.Equal([2f, 2, 2, 2], full.data<float>().ToArray());
        Assert.Equal(6, inner.Moves);
    }

    private TrainingStep Step(EmulationProfile profile)
    {
        var options = new TrainingOptions
        {
            Model = Shape,
            Batch = 1,
            Context = 8,
            Dropout = 0,
            Arithmetic = (_, _) => new EmulatedTransformer(profile, _waits.Add),
        };
        return new TrainingStep(options, new ByteCorpus(new byte[1000]), worldSize: 1, rank: 0, torch.CPU);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>A job of one rank. A scatter doubles what it gets, to tell one time from two.</summary>
    private sealed class OneRank : ICollectives
    {
        public int Moves { get; private set; }

        public void AllGather(torch.Tensor own, torch.Tensor full)
        {
            Moves++;
            using var noGradient = torch.no_grad();
            full.copy_(own);
        }

        public void ReduceScatter(torch.Tensor full, torch.Tensor own)
        {
            Moves++;
            using var noGradient = torch.no_grad();
            using var two = 2.ToScalar();
            full.mul_(two);
            own.copy_(full);
        }

        public double AllReduceSum(double value) => value;
    }
}
