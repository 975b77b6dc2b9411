using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

// Copies of other runs than the present one. They may be the only ones of their run, so they are set aside and reported.
internal sealed partial class HostMemory
{
    private readonly Dictionary<string, (JobRun Run, SnapshotId Newest, long FileBytes)> _aside = [];
    private JobRun _joined;

    /// <summary>
    /// The run in which this host takes part. Before <see cref="Join"/>: the newest run of which this host holds a sealed copy. The inventory lists
    /// no copies of other runs.
    /// </summary>
    public JobRun Run
    {
        get
        {
            lock (_gate) return _joined.IsUnknown ? NewestRun() : _joined;
        }
    }

    /// <summary>Sealed copies of other runs and of other versions of this program, by run.</summary>
    public ImmutableArray<LeftoverCopies> Leftovers
    {
        get
        {
            lock (_gate)
            {
                var run = Run;
                var mapped = AllSlots().Where(slot => slot.Segment.State == SegmentState.Sealed && slot.Segment.Identity.Run != run)
                    .Select(slot => (slot.Segment.Identity.Run, Newest: slot.Segment.Snapshot, slot.Segment.FileBytes));
                return
                [
                    .. _aside.Values.Concat(mapped).GroupBy(copy => copy.Run).OrderBy(group => group.Key).Select(group => new LeftoverCopies(
                        group.Key, group.Count(), group.Max(copy => copy.Newest), group.Sum(copy => copy.FileBytes))),
                ];
            }
        }
    }

    /// <summary>
    /// This host takes part in a run. Segments of every other run are set aside if they are sealed, and deleted if not. The epoch floor rises to the
    /// newest epoch of the remaining copies, because the run has reached that epoch. Does nothing if the run is unknown or joined already.
    /// </summary>
    public void Join(JobRun run)
    {
        if (run.IsUnknown) return;
        lock (_files)
        {
            List<(Rank Owner, int Index, MappedSegment Segment)> others;
            lock (_gate)
            {
                if (_joined == run) return;
                _joined = run;
                others =
                [
                    .. _shards.Values.SelectMany(shard => shard.Slots.Select(slot => (shard.Owner, slot.Index, slot.Segment)))
                        .Where(slot => slot.Segment.Identity.Run != run),
                ];
            }

            foreach (var (owner, index, segment) in others)
            {
                if (segment.State == SegmentState.Sealed)
                    SetAside(segment.Path, $"it is of run {segment.Identity.Run} of the job, and the present run is {run}");
                Retire(owner, index, segment.Path);
            }

            lock (_gate)
            {
                foreach (var empty in _shards.Values.Where(shard => !shard.Slots.Any()).ToList()) _shards.Remove(empty.Owner);
            }

            if (Inventory() is { IsEmpty: false } copies) RaiseEpochFloor(copies.Max(copy => copy.Snapshot.Epoch));
        }
    }

    private JobRun NewestRun() => AllSlots()
        .Where(slot => slot.Segment.State == SegmentState.Sealed && slot.Segment.IsHeaderSound)
        .Select(slot => slot.Segment.Identity.Run).DefaultIfEmpty().Max();

    /// <summary>Renames the file, so that nobody uses it any more. Processes that have it mapped keep their mapping.</summary>
    private void SetAside(string path, string reason)
    {
        var run = Describe(path).Run;
        var aside = $"{path}.{run}{SegmentFiles.AsideSuffix}";
        File.Move(path, aside, overwrite: true);
        NoteLeftover(aside);
        LogSetAside(path, reason, aside);
    }

    private void NoteLeftover(string path)
    {
        var leftover = Describe(path);
        lock (_gate) _aside[path] = leftover;
    }

    private void ForgetDeletedLeftovers()
    {
        string[] aside;
        lock (_gate) aside = [.. _aside.Keys];
        foreach (var path in aside.Where(path => !File.Exists(path)))
            lock (_gate) _aside.Remove(path);
    }

    /// <summary>What the header of a file says. Default values if another version of this program wrote it in another layout.</summary>
    private static (JobRun Run, SnapshotId Newest, long FileBytes) Describe(string path)
    {
        try
        {
            using var segment = MappedSegment.Open(path);
            return (segment.Identity.Run, segment.Snapshot, segment.FileBytes);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            return (default, default, new FileInfo(path).Length);
        }
    }
}
