using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

/// <summary>
/// The manifest of a complete snapshot, the content of <c>manifest.json</c>: the job and snapshot to which it belongs, and the properties that its
/// files must have.
/// </summary>
internal sealed record SnapshotManifest
{
    public const int CurrentVersion = 1;

    /// <summary>Version of this format.</summary>
    public required int Version { get; init; }

    /// <summary>Name of the job.</summary>
    public required string Job { get; init; }

    public required long Iteration { get; init; }

    /// <summary>Epoch of the capture.</summary>
    public required long Epoch { get; init; }

    public required int WorldSize { get; init; }

    /// <summary>For people: the hosts, ranks per host and replicas of the job that wrote it.</summary>
    public required ImmutableArray<string> Hosts { get; init; }

    public required int RanksPerHost { get; init; }

    public required int Replicas { get; init; }

    /// <summary>One entry per rank, ordered by rank.</summary>
    public required ImmutableArray<ManifestShard> Shards { get; init; }

    [JsonIgnore]
    public SnapshotId Snapshot => new(new Iteration(Iteration), new Epoch(Epoch));

    public static SnapshotManifest Create(JobSpec job, SnapshotId snapshot, ImmutableArray<StoredShard> shards) => new()
    {
        Version = CurrentVersion,
        Job = job.Name,
        Iteration = snapshot.Iteration.Value,
        Epoch = snapshot.Epoch.Value,
        WorldSize = job.WorldSize,
        Hosts = [.. job.Hosts.Select(host => host.Value)],
        RanksPerHost = job.RanksPerHost,
        Replicas = job.Replicas,
        Shards = [.. shards.OrderBy(shard => shard.Owner).Select(ManifestShard.Of)],
    };

    /// <exception cref="InvalidDataException">Not a manifest that this program can read.</exception>
    public static SnapshotManifest Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(json, ManifestJson.Default.SnapshotManifest)
                ?? throw new InvalidDataException("it holds 'null'");
            if (manifest.Version != CurrentVersion)
                throw new InvalidDataException($"it has version {manifest.Version}; this program reads version {CurrentVersion}");
            // The parser checks that no property is null, but not the entries of a list.
            var ranks = manifest.Shards.IsDefault ? [] : manifest.Shards.Select(shard => (int?)shard?.Rank);
            if (manifest.WorldSize < 1 || !ranks.SequenceEqual(Enumerable.Range(0, manifest.WorldSize).Select(rank => (int?)rank)))
                throw new InvalidDataException($"it does not list the ranks 0 to {manifest.WorldSize - 1}");
            return manifest;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(error.Message.ReplaceLineEndings(" "), error);
        }
    }

    public byte[] Format() => JsonSerializer.SerializeToUtf8Bytes(this, ManifestJson.Default.SnapshotManifest);

    /// <exception cref="InvalidDataException">A hash or a size is not valid.</exception>
    public StoredSnapshot ToStored() => new(Snapshot, [.. Shards.Select(shard => shard.ToStored())]);
}

/// <summary>One file of a snapshot.</summary>
/// <param name="Rank">The owner of the shard.</param>
/// <param name="File">The name of the file, which is in the same directory as the manifest.</param>
/// <param name="Bytes">The size of the file.</param>
/// <param name="ChunkBytes">Bytes under one XxHash3-64.</param>
/// <param name="Hash">XxHash3-64 over the chunks' hashes, 16 hexadecimal digits: the shard's hash in host memory.</param>
internal sealed record ManifestShard(int Rank, string File, long Bytes, int ChunkBytes, string Hash)
{
    public static ManifestShard Of(StoredShard shard) =>
        new(shard.Owner.Value, StoreLayout.ShardName(shard.Owner), shard.PayloadBytes, shard.ChunkBytes, shard.Hash.ToString());

    public StoredShard ToStored()
    {
        var owner = new Rank(Rank);
        if (!ulong.TryParse(Hash, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash) || Bytes <= 0 || ChunkBytes <= 0
            || File != StoreLayout.ShardName(owner))
        {
            throw new InvalidDataException($"its entry for rank {Rank} is damaged");
        }

        return new StoredShard(owner, new ContentHash(hash), Bytes, ChunkBytes);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SnapshotManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
