using Gemini.Trainer.Models;
using Gemini.Trainer.Sharding;

namespace Gemini.Trainer.Tests.Sharding;

/// <summary>How models are divided.</summary>
internal static class TestShards
{
    public static ShardState State(ParameterLayout parameters, int worldSize, int rank) =>
        new(parameters.Shape.Name, Layout(parameters, worldSize, rank));

    public static ShardLayout Layout(ParameterLayout parameters, int worldSize, int rank) =>
        new(parameters.Units.Select(unit => unit.Count), worldSize, rank);

    /// <summary>Joins the shards of all ranks, by rank.</summary>
    /// <returns>The units, padding included.</returns>
    public static float[][] Join(ParameterLayout parameters, IReadOnlyList<float[]> shards) =>
        [.. Layout(parameters, shards.Count, rank: 0).Parts.Select(part => Join(part, shards))];

    private static float[] Join(UnitPart part, IReadOnlyList<float[]> shards) =>
        [.. shards.SelectMany(shard => shard.Skip((int)part.ShardOffset).Take((int)part.Count))];
}
