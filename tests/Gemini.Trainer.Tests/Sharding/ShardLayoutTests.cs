using CsCheck;
using Gemini.Interfaces.Presets;
using Gemini.Trainer.Models;
using Gemini.Trainer.Sharding;
using Gemini.Trainer.Tests.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Sharding;

[Collection(TorchCollection.Name)]
public sealed class ShardLayoutTests
{
    [Theory]
    [InlineData(10, 1, 10, 10)]
    [InlineData(10, 2, 5, 10)]
    [InlineData(10, 3, 4, 12)]
    [InlineData(10, 10, 1, 10)]
    [InlineData(10, 16, 1, 16)]
    [InlineData(805_437_440, 128, 6_292_480, 805_437_440)]
    public void Part_OfAUnit_HasTheLeastElementsThatHoldEveryParameter(long unit, int worldSize, long part, long padded)
    {
        var last = new ShardLayout([unit], worldSize, worldSize - 1).Parts[0];
        Assert.Equal((part, padded, padded - part), (last.Count, last.PaddedCount, last.UnitOffset));
    }

    [Fact]
    public void Shard_IsThePartsOfAllUnits_OneAfterTheOther() => Gen.Select(Gen.Long[1, 60].Array[1, 6], Gen.Int[1, 9]).Sample((units, worldSize) =>
    {
        for (var rank = 0; rank < worldSize; rank++)
        {
            var layout = new ShardLayout(units, worldSize, rank);
            Assert.Equal(units, layout.Parts.Select(part => part.UnitCount));
            long offset = 0;
            foreach (var part in layout.Parts)
            {
                Assert.Equal(offset, part.ShardOffset);
                Assert.InRange(part.PaddedCount - part.UnitCount, 0, worldSize - 1);
                offset += part.Count;
            }
            Assert.Equal(offset, layout.ShardCount);
        }
    });

    [Fact]
    public void Parts_OfAllRanks_CoverEveryElementOfAUnitOnce() => Gen.Select(Gen.Long[1, 60].Array[1, 4], Gen.Int[1, 9], Gen.Int[0, 59], Gen.Int[0, 60]).Sample(
        (units, worldSize, offset, count) =>
        {
            for (var unit = 0; unit < units.Length; unit++)
            {
                var covered = new int[units[unit] + worldSize + 120];
                foreach (var rank in Enumerable.Range(0, worldSize))
                {
                    var part = new ShardLayout(units, worldSize, rank).Parts[unit];
                    var common = part.Intersect(offset, count);
                    if (common.Count > 0) Assert.InRange(common.Offset, part.ShardOffset, part.ShardOffset + part.Count - common.Count);
                    for (var index = 0L; index < common.Count; index++) covered[part.UnitOffset + common.Offset - part.ShardOffset + index]++;
                }

                var padded = new ShardLayout(units, worldSize, 0).Parts[unit].PaddedCount;
                for (var index = 0; index < covered.Length; index++)
                    Assert.Equal(index >= offset && index < offset + count && index < padded ? 1 : 0, covered[index]);
            }
        });

    /// <summary>The random numbers of a matrix depend on the seed only, so a job with more ranks begins with the same model.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void InitialParameters_OnAnyNumberOfRanks_AreTheSame(int worldSize)
    {
        foreach (var shape in Enum.GetValues<Architecture>().SelectMany(architecture => (ModelShape[])[TestModels.Odd(architecture), TestModels.Nano(architecture)]))
        {
            var parameters = new ParameterLayout(shape);
            var shards = Enumerable.Range(0, worldSize).Select(rank => InitialShard(parameters, worldSize, rank)).ToList();
            using var initial = new InitialParameters(parameters, seed: 3);
            foreach (var (unit, joined) in parameters.Units.Zip(TestShards.Join(parameters, shards)))
            {
                using var expected = torch.empty(unit.Count);
                Assert.Equal(unit, initial.Draw(expected));
                Assert.Equal(expected.data<float>().ToArray(), joined[..(int)unit.Count]);
                Assert.All(joined[(int)unit.Count..], padding => Assert.Equal(0, padding));
            }
        }
    }

    private static float[] InitialShard(ParameterLayout parameters, int worldSize, int rank)
    {
        using var state = TestShards.State(parameters, worldSize, rank);
        state.InitializeParameters(parameters, seed: 3);
        return state.Parameters.data<float>().ToArray();
    }
}
