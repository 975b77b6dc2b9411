using System.Globalization;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

/// <summary>The paths in a <see cref="DirectoryStore"/>: <c>ROOT/JOB/ITERATION@EPOCH/rank-00000.safetensors</c> and <c>manifest.json</c>.</summary>
internal sealed class StoreLayout(string root, string job)
{
    public const string ManifestName = "manifest.json";

    /// <summary>The end of the name of a file that is not complete yet.</summary>
    public const string UnfinishedSuffix = ".part";

    private const string ShardPrefix = "rank-";
    private const string ShardSuffix = ".safetensors";

    public string Root => root;

    public string Job { get; } = Path.Combine(root, job);

    public static string ShardName(Rank owner) =>
        string.Create(CultureInfo.InvariantCulture, $"{ShardPrefix}{owner.Value:d5}{ShardSuffix}");

    public string Snapshot(SnapshotId snapshot) => Path.Combine(Job, snapshot.ToString());

    public string Shard(SnapshotId snapshot, Rank owner) => Path.Combine(Snapshot(snapshot), ShardName(owner));

    public string Manifest(SnapshotId snapshot) => Path.Combine(Snapshot(snapshot), ManifestName);

    /// <summary>Reads the snapshot's id from its directory's name; null for any other directory.</summary>
    public static SnapshotId? ParseSnapshot(string directory)
    {
        var parts = Path.GetFileName(directory).Split('@');
        if (parts.Length != 2 || !TryParse(parts[0], out var iteration) || !TryParse(parts[1], out var epoch)) return null;
        var snapshot = new SnapshotId(new Iteration(iteration), new Epoch(epoch));
        return snapshot.ToString() == Path.GetFileName(directory) && snapshot.Epoch.IsPossible ? snapshot : null;
    }

    /// <summary>Whether the store itself makes files of that name.</summary>
    public static bool IsOwn(string file)
    {
        var name = Path.GetFileName(file);
        if (name.EndsWith(UnfinishedSuffix, StringComparison.Ordinal)) name = name[..^UnfinishedSuffix.Length];
        return name == ManifestName
            || (name.StartsWith(ShardPrefix, StringComparison.Ordinal) && name.EndsWith(ShardSuffix, StringComparison.Ordinal));
    }

    private static bool TryParse(string text, out long value) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
