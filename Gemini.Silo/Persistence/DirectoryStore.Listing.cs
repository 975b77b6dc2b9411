using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

// Lists the stored snapshots, and removes old ones.
internal sealed partial class DirectoryStore
{
    public async Task<StoreListing> ListAsync(CancellationToken ct)
    {
        var listing = new StoreListing([], []);
        var outcome = await RunAsync(() =>
        {
            listing = List(ct);
            return StoreOutcome.Completed;
        });
        return outcome.IsCompleted ? listing : new StoreListing([], [outcome.Reason]);
    }

    public Task<StoreOutcome> TidyAsync(int keep, CancellationToken ct) => RunAsync(() =>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var complete = List(ct).Complete;
        if (complete.IsEmpty) return StoreOutcome.Completed;
        var newest = complete[0].Snapshot;
        foreach (var old in complete.Skip(keep)) Remove(old.Snapshot);
        foreach (var snapshot in Snapshots().Where(snapshot => snapshot.CompareTo(newest) < 0 && !File.Exists(_layout.Manifest(snapshot))).ToList())
            Remove(snapshot);
        return StoreOutcome.Completed;
    });

    private StoreListing List(CancellationToken ct)
    {
        if (!Directory.Exists(_layout.Root)) return new StoreListing([], [RootIsMissing()]);
        if (Directory.Exists(_layout.Job)) files.CheckDirectory(_layout.Job);
        var complete = new List<StoredSnapshot>();
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (var snapshot in Snapshots().OrderDescending())
        {
            ct.ThrowIfCancellationRequested();
            if (!File.Exists(_layout.Manifest(snapshot))) continue;
            var (stored, refusal) = ReadSnapshot(snapshot);
            if (stored is not null) complete.Add(stored);
            else problems.Add($"snapshot {snapshot} is refused: {refusal.Reason}");
        }

        return new StoreListing([.. complete], problems.ToImmutable());
    }

    private IEnumerable<SnapshotId> Snapshots() => Directory.Exists(_layout.Job)
        ? Directory.EnumerateDirectories(_layout.Job).Select(StoreLayout.ParseSnapshot).OfType<SnapshotId>()
        : [];

    /// <summary>The snapshot as its manifest describes it, if it is this job's and all its files are there; otherwise why not.</summary>
    private (StoredSnapshot? Stored, StoreOutcome Refusal) ReadSnapshot(SnapshotId snapshot)
    {
        var path = _layout.Manifest(snapshot);
        try
        {
            if (new FileInfo(path).Length > ManifestBytesMax) return (null, new StoreOutcome(StoreResult.Corrupt, $"{path} is too large for a manifest"));
            var manifest = SnapshotManifest.Parse(File.ReadAllBytes(path));
            if (manifest.Job != job.Name) return (null, new StoreOutcome(StoreResult.Foreign, $"{path} belongs to job '{manifest.Job}'"));
            if (manifest.Snapshot != snapshot)
                return (null, new StoreOutcome(StoreResult.Foreign, $"{path} is of snapshot {manifest.Snapshot}, but its directory is named {snapshot}"));
            if (manifest.WorldSize != job.WorldSize)
                return (null, new StoreOutcome(StoreResult.Foreign, $"{path} is of {manifest.WorldSize} ranks, but this job has {job.WorldSize}"));
            var stored = manifest.ToStored();
            return FindMissing(stored) is { } missing ? (null, missing) : (stored, StoreOutcome.Completed);
        }
        catch (InvalidDataException error)
        {
            return (null, new StoreOutcome(StoreResult.Corrupt, $"{path} is damaged: {error.Message}"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // One unreadable snapshot must not hide the others.
            return (null, new StoreOutcome(StoreResult.Unavailable, error.Message));
        }
    }

    /// <summary>Removes the manifest first, durably. So a crash never leaves a manifest without its files.</summary>
    private void Remove(SnapshotId snapshot)
    {
        var directory = _layout.Snapshot(snapshot);
        if (File.Exists(_layout.Manifest(snapshot)))
        {
            files.Delete(_layout.Manifest(snapshot));
            files.FlushDirectory(directory);
        }

        foreach (var file in Directory.EnumerateFiles(directory).Where(StoreLayout.IsOwn).ToList()) files.Delete(file);
        if (!Directory.EnumerateFileSystemEntries(directory).Any()) files.DeleteDirectory(directory);
    }
}
