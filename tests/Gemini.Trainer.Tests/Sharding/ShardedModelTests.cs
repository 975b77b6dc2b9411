using Gemini.Interfaces.Presets;
using Gemini.Trainer.Models;
using Gemini.Trainer.Sharding;
using Gemini.Trainer.Tests.Client.Collectives;
using Gemini.Trainer.Tests.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Sharding;

/// <summary>One step of a model whose parameters and gradients are divided among ranks.</summary>
[Collection(TorchCollection.Name)]
public sealed class ShardedModelTests
{
    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public async Task ForwardBackward_Again_OverwritesAndDoesNotAdd(Architecture architecture)
    {
        using var rings = await TestRings.ConnectAsync(1);
        using var rank = new RankModel(Nano(architecture), 0, 1);
        var ring = new RingCollectives(rings.Rings[0]);
        var first = rank.Step(ring, batch: 0);
        _ = rank.Step(ring, batch: 1);
        var again = rank.Step(ring, batch: 0);
        Assert.Equal(first.Loss, again.Loss);
        Assert.Equal(first.Gradient, again.Gradient);
        Assert.Contains(first.Gradient, value => value != 0);
    }

    /// <summary>In the direction of the gradient the loss grows by the gradient's length.</summary>
    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public async Task Gradient_IsTheSlopeOfTheLoss(Architecture architecture)
    {
        using var rings = await TestRings.ConnectAsync(1);
        using var rank = new RankModel(Nano(architecture), 0, 1);
        var ring = new RingCollectives(rings.Rings[0]);
        var gradient = rank.Step(ring, batch: 0).Gradient;
        var length = Math.Sqrt(gradient.Sum(value => (double)value * value));
        float[] direction = [.. gradient.Select(value => (float)(value / length))];

        const float Step = 0.02f;
        rank.Move(direction, Step);
        double above = rank.Step(ring, batch: 0).Loss;
        rank.Move(direction, -2 * Step);
        double below = rank.Step(ring, batch: 0).Loss;

        Assert.Equal(length, (above - below) / (2 * Step), tolerance: 0.05 * length);
    }

    /// <summary>
    /// Each rank computes one unit after the other, and each block twice. Its loss, its part of the sum of all gradients and torch's random numbers
    /// are, bit for bit, those of whole models with graphs from the tokens to the loss.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Step_EqualsThatOfWholeModels(int worldSize, double dropout, Architecture architecture, bool isOdd)
    {
        var parameters = isOdd ? new ParameterLayout(TestModels.Odd(architecture)) : Nano(architecture);
        var expected = Enumerable.Range(0, worldSize).Select(rank => StepOfTheWhole(parameters, rank, dropout)).ToList();

        using var rings = await TestRings.ConnectAsync(worldSize);
        using var turn = new SemaphoreSlim(1);
        var ranks = Enumerable.Range(0, worldSize).Select(rank => new RankModel(parameters, rank, worldSize, dropout)).ToList();
        var results = await rings.OnAllAsync(ring =>
        {
            turn.Wait();
            torch.manual_seed(ring.Rank);
            var result = ranks[ring.Rank].Step(new WatchedCollectives(ring, ranks[ring.Rank].Layout) { Turn = turn }, batch: ring.Rank);
            turn.Release();
            return result;
        });

        Assert.Equal(expected.Select(whole => whole.Loss), results.Select(result => result.Loss));
        Assert.Equal(expected.Select(whole => whole.Random), results.Select(result => result.Random));
        foreach (var rank in ranks) Assert.Equal(PartOfTheSum(rank.Layout, [.. expected.Select(whole => whole.Gradients)]), results[rank.Layout.Rank].Gradient);
        ranks.ForEach(rank => rank.Dispose());
    }

    public static MatrixTheoryData<int, double, Architecture, bool> Cases => new([1, 2, 3], [0, 0.1], Enum.GetValues<Architecture>(), [true, false]);

    /// <summary>
    /// Parameters are gathered right before they are used, in the forward pass and again in the backward pass, and gradients are summed as soon as they
    /// are there.
    /// </summary>
    [Theory]
    [MemberData(nameof(TestModels.Architectures), MemberType = typeof(TestModels))]
    public async Task Step_OnEveryRank_CallsTheSameCollectivesInTheSameOrder(Architecture architecture)
    {
        using var rings = await TestRings.ConnectAsync(2);
        var calls = await rings.OnAllAsync(ring =>
        {
            using var rank = new RankModel(new ParameterLayout(TestModels.Odd(architecture)), ring.Rank, 2);
            var collectives = new WatchedCollectives(ring, rank.Layout);
            rank.Step(collectives, batch: 0);
            return collectives.Calls;
        });
        string[] expected =
        [
            "gather 0", "gather 1", "gather 2", "gather 3",
            "gather 0", "gather 3", "reduce 3", "gather 2", "reduce 2", "gather 1", "reduce 1", "reduce 0",
        ];
        Assert.Equal(expected, calls[0]);
        Assert.Equal(expected, calls[1]);
    }

    private static ParameterLayout Nano(Architecture architecture) => new(TestModels.Nano(architecture));

    private static (float Loss, float[][] Gradients, byte[] Random) StepOfTheWhole(ParameterLayout parameters, int rank, double dropout)
    {
        using var whole = new WholeModel(parameters, seed: 1, dropout);
        using var samples = TestModels.Samples(parameters.Shape.Architecture, rank);
        torch.manual_seed(rank);
        using var loss = whole.Loss(samples);
        loss.backward();
        // Held until its bytes are copied: the memory of a tensor that nobody holds may be freed at any time.
        using var random = torch.get_rng_state();
        return (loss.item<float>(), [.. whole.Gradients.Select(unit => unit.data<float>().ToArray())], random.bytes.ToArray());
    }

    /// <summary>A ring sums the part of rank r from rank r + 1 on, and rank r adds its own gradients last.</summary>
    private static float[] PartOfTheSum(ShardLayout layout, float[][][] gradients)
    {
        var sums = new List<float>();
        for (var unit = 0; unit < layout.Parts.Count; unit++)
        {
            var part = layout.Parts[unit];
            for (var index = part.UnitOffset; index < part.UnitOffset + part.Count; index++)
            {
                var sum = 0f;
                for (var hop = 1; hop <= layout.WorldSize; hop++)
                    sum += index < part.UnitCount ? gradients[(layout.Rank + hop) % layout.WorldSize][unit][index] : 0;
                sums.Add(sum);
            }
        }

        return [.. sums];
    }
}
