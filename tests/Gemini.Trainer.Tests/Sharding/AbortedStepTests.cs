using Gemini.Interfaces.Presets;
using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Data;
using Gemini.Trainer.Sharding;
using Gemini.Trainer.Tests.Client.Collectives;
using Gemini.Trainer.Tests.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Sharding;

/// <summary>A lost peer may end a step at any of its collectives. Nothing of that step is in the next one.</summary>
[Collection(TorchCollection.Name)]
public sealed class AbortedStepTests : IDisposable
{
    /// <summary>Of a step of two blocks: six gathers, three sums of gradients, one sum of losses.</summary>
    private const int Collectives = 10;

    private static readonly ByteCorpus Corpus = new([.. Enumerable.Range(0, 4096).Select(index => (byte)(index * index * 7))]);

    private readonly List<TrainingStep> _steps = [];

    public void Dispose() => _steps.ForEach(step => step.Dispose());

    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public async Task Step_AfterOneThatWasAbortedAnywhere_IsAsIfItHadNotBeen(Architecture architecture)
    {
        var step = Create(architecture, rank: 0, worldSize: 1, dropout: 0.2);
        using var good = await TestRings.ConnectAsync(1);
        var expected = StepFromTheStart(step, good.Rings[0]);
        for (var last = 0; last < Collectives; last++)
        {
            step.Reset();
            using var aborted = await TestRings.ConnectAsync(1, epoch: 2 + last);
            var collectives = Until(last, aborted.Rings[0], step);
            step.State.DataPosition = 100; // Other samples, so that what remained of them would be seen.
            var before = BytesOf(step);
            Assert.Throws<CollectiveAbortedException>(() => step.ForwardBackward(collectives));
            Assert.Equal(last + 1, collectives.Calls.Count);
            Assert.Equal(before, BytesOf(step));
            Assert.Throws<InvalidOperationException>(step.ApplyOptimizer);
            Assert.Equal(expected, StepFromTheStart(step, good.Rings[0]));
        }

        var whole = new WatchedCollectives(good.Rings[0], step.State.Layout);
        step.ForwardBackward(whole);
        Assert.Equal(Collectives, whole.Calls.Count);
    }

    /// <summary>Without dropout: the ranks of one process share its random numbers.</summary>
    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public async Task Steps_AfterOneThatLostAPeerAnywhere_AreAsIfItHadNotBeen(Architecture architecture)
    {
        TrainingStep[] ranks = [Create(architecture, rank: 0, worldSize: 2, dropout: 0), Create(architecture, rank: 1, worldSize: 2, dropout: 0)];
        using var good = await TestRings.ConnectAsync(2);
        var expected = await good.OnAllAsync(ring => StepFromTheStart(ranks[ring.Rank], ring, "rng_state"));
        for (var last = 0; last < Collectives; last++)
        {
            using var lost = await TestRings.ConnectAsync(2, epoch: 2 + last);
            await lost.OnAllAsync(ring =>
            {
                var collectives = ring.Rank == 1 ? Until(last, ring, ranks[1]) : new WatchedCollectives(ring, ranks[0].State.Layout);
                Assert.ThrowsAny<CollectiveException>(() => ranks[ring.Rank].ForwardBackward(collectives));
                ring.Dispose();
            });
            Assert.Equal(expected, await good.OnAllAsync(ring => StepFromTheStart(ranks[ring.Rank], ring, "rng_state")));
        }
    }

    /// <summary>Aborts the ring just before one of the step's collectives, from 0.</summary>
    private static WatchedCollectives Until(int last, Ring ring, TrainingStep step) => new(ring, step.State.Layout)
    {
        OnBegin = index =>
        {
            if (index == last) ring.Abort();
        },
    };

    /// <returns>The loss, and the state after the step.</returns>
    private static (double Loss, string State) StepFromTheStart(TrainingStep step, Ring ring, string? except = null)
    {
        step.Reset();
        var loss = step.ForwardBackward(ring);
        step.ApplyOptimizer();
        return (loss, BytesOf(step, except));
    }

    private static string BytesOf(TrainingStep step, string? except = null) =>
        string.Join(' ', step.State.Tensors.Where(entry => entry.Name != except).Select(entry => Convert.ToHexString(entry.Tensor.bytes)));

    private TrainingStep Create(Architecture architecture, int rank, int worldSize, double dropout)
    {
        var options = new TrainingOptions { Model = TestModels.Nano(architecture), Batch = 1, Context = 16, Dropout = dropout };
        _steps.Add(new TrainingStep(options, Corpus, worldSize, rank, torch.CPU));
        return _steps[^1];
    }
}
