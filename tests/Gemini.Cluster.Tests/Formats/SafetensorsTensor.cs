using System.Collections.Immutable;

namespace Gemini.Cluster.Tests.Formats;

/// <summary>A tensor of a <see cref="SafetensorsFile"/>. Offsets count from the end of the header.</summary>
internal sealed record SafetensorsTensor(string Name, string Type, ImmutableArray<long> Shape, long Begin, long End)
{
    public long ElementCount => Shape.Aggregate(1L, (product, dimension) => product * dimension);
}
