using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

/// <summary>A directory that all hosts of the job share: NFS, FSx, or a local disk if all hosts run on one machine.</summary>
/// <remarks>
/// <para>
/// Every file is written under another name, flushed and renamed, and then its directory is flushed. The manifest is written after all shards. So a
/// crash at any point leaves either a complete snapshot, or files without a manifest. Such files are no snapshot, and are removed later. A removal
/// deletes the manifest first.
/// </para>
/// <para>
/// The root itself is never made: if a mount is missing, its empty mount point must not fill up. Calls block in the file system, so each call runs on
/// a thread of its own.
/// </para>
/// </remarks>
internal sealed partial class DirectoryStore(string root, JobSpec job, IStoreFiles files) : ISnapshotStore
{
    /// <summary>A manifest has about 150 bytes per rank. A file that is far larger cannot be a manifest.</summary>
    private const long ManifestBytesMax = 256L << 20;

    private readonly StoreLayout _layout = new(root, job.Name);

    public string Location => _layout.Job;

    public Task<StoreOutcome> WriteShardAsync(SnapshotId snapshot, IShardSource shard, CancellationToken ct) => RunAsync(() =>
    {
        PrepareDirectory(snapshot);
        WriteDurably(_layout.Shard(snapshot, shard.Description.Owner), file =>
        {
            long offset = 0;
            for (var index = 0; index < shard.ChunkCount; index++)
            {
                ct.ThrowIfCancellationRequested();
                var chunk = shard.Chunk(index).Span;
                file.Write(chunk, offset);
                offset += chunk.Length;
            }
        });
        return StoreOutcome.Completed;
    });

    public Task<StoreOutcome> CompleteAsync(SnapshotId snapshot, ImmutableArray<StoredShard> shards, CancellationToken ct) => RunAsync(() =>
    {
        var manifest = SnapshotManifest.Create(job, snapshot, shards);
        var path = _layout.Manifest(snapshot);
        if (File.Exists(path))
        {
            var (existing, refusal) = ReadSnapshot(snapshot);
            if (refusal.Result == StoreResult.Foreign) return refusal;
            if (existing is not null)
            {
                return existing.Shards.SequenceEqual(manifest.ToStored().Shards)
                    ? StoreOutcome.Completed
                    : new StoreOutcome(StoreResult.Foreign, $"{path} is of another snapshot with the same name");
            }
        }

        if (FindMissing(manifest.ToStored()) is { } missing) return missing;
        WriteDurably(path, file => file.Write(manifest.Format(), 0));
        return StoreOutcome.Completed;
    });

    public Task<StoreOutcome> ReadShardAsync(SnapshotId snapshot, StoredShard shard, IShardTarget target, CancellationToken ct) => RunAsync(() =>
    {
        var path = _layout.Shard(snapshot, shard.Owner);
        if (FindMissing(snapshot, shard) is { } missing) return missing;
        files.CheckDirectory(_layout.Job);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        long offset = 0;
        for (var index = 0; index < target.ChunkCount; index++)
        {
            ct.ThrowIfCancellationRequested();
            var chunk = target.Chunk(index).Span;
            for (var filled = 0; filled < chunk.Length;)
            {
                var read = RandomAccess.Read(file, chunk[filled..], offset);
                if (read == 0) return new StoreOutcome(StoreResult.Missing, $"{path} ends after {offset} of {shard.PayloadBytes} bytes");
                filled += read;
                offset += read;
            }

            if (!target.Complete(index)) return new StoreOutcome(StoreResult.Overtaken, "a newer epoch took its place");
        }

        return StoreOutcome.Completed;
    });

    private static Task<StoreOutcome> RunAsync(Func<StoreOutcome> operation) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                return operation();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return new StoreOutcome(StoreResult.Unavailable, error.Message);
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private void PrepareDirectory(SnapshotId snapshot)
    {
        if (!Directory.Exists(_layout.Root)) throw new DirectoryNotFoundException(RootIsMissing());
        Make(_layout.Job, _layout.Root);
        Make(_layout.Snapshot(snapshot), _layout.Job);

        void Make(string directory, string parent)
        {
            if (Directory.Exists(directory))
            {
                files.CheckDirectory(directory);
                return;
            }

            files.EnsureDirectory(directory);
            files.FlushDirectory(parent);
        }
    }

    private string RootIsMissing() => $"The storage directory {_layout.Root} does not exist; mount it, or make it.";

    private void WriteDurably(string path, Action<IStoreFile> write)
    {
        var unfinished = path + StoreLayout.UnfinishedSuffix;
        try
        {
            using (var file = files.Create(unfinished))
            {
                write(file);
                file.Flush();
            }
        }
        catch (Exception)
        {
            // On a full disk, a half-written file takes the room that the next attempt needs.
            TryDelete(unfinished);
            throw;
        }

        files.Rename(unfinished, path);
        files.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    private void TryDelete(string path)
    {
        try
        {
            files.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The caller reports the failure that led here. The next write replaces the file, or the next <c>TidyAsync</c> removes it.
        }
    }

    private StoreOutcome? FindMissing(StoredSnapshot stored) =>
        stored.Shards.Select(shard => FindMissing(stored.Snapshot, shard)).FirstOrDefault(missing => missing is not null);

    private StoreOutcome? FindMissing(SnapshotId snapshot, StoredShard shard)
    {
        var file = new FileInfo(_layout.Shard(snapshot, shard.Owner));
        if (!file.Exists) return new StoreOutcome(StoreResult.Missing, $"{file.FullName} is missing");
        return file.Length == shard.PayloadBytes
            ? null
            : new StoreOutcome(StoreResult.Missing, $"{file.FullName} has {file.Length} bytes, not {shard.PayloadBytes}");
    }
}
