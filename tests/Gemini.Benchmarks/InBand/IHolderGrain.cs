namespace Gemini.Benchmarks.InBand;

/// <summary>Keeps a copy of a shard, as one would write it with Orleans alone: chunks are arguments of calls.</summary>
[Alias("gemini.benchmarks.IHolderGrain")]
public interface IHolderGrain : IGrainWithIntegerKey
{
    /// <summary>Makes room for a shard of this size.</summary>
    [Alias("Begin")]
    Task BeginAsync(long bytes);

    /// <summary>Stores a chunk. Chunks may come in any order.</summary>
    /// <exception cref="InvalidDataException">The chunk does not have its hash.</exception>
    [Alias("Store")]
    Task StoreAsync(long offset, [Immutable] byte[] chunk, ulong hash);
}
