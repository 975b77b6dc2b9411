using System.Collections.Immutable;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Carries out directives on this host, one at a time and always the newest. A directive of a newer epoch ends the work on an older one at once. Each
/// step may be repeated, and each step also does what the earlier steps left undone. So it does not matter which of an epoch's directives reach a host.
/// </summary>
internal sealed partial class DirectiveRunner(
    JobSpec job, HostName self, HostState state, WorkerAgentPorts ports, Replicator replicator, RestoreLog restores, TimeProvider time, ILogger logger)
    : IDisposable
{
    /// <summary>The pause after a failure that may pass by itself, and between two checks whether all trainers load.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>The pause after storage failed. Only the recovery waits for it.</summary>
    private static readonly TimeSpan StorageRetryDelay = TimeSpan.FromSeconds(1);

    private readonly IHostMemory _memory = ports.Memory;
    private readonly ITrainers _trainers = ports.Trainers;
    private readonly IStorageTier _storage = ports.Storage;
    private readonly Signal _signal = new(time);
    private readonly Restartable _work = new();
    private Epoch _halted;

    /// <summary>There is a new directive, or a trainer was handed its restore point.</summary>
    public void Wake(bool newEpoch)
    {
        if (newEpoch) _work.Cancel();
        _signal.Set();
    }

    /// <summary>Carries out the newest directive, if that is not done yet, and waits for the next; see <see cref="HostLoop"/>.</summary>
    public async Task CarryOutAsync(CancellationToken ct)
    {
        var work = _work.Begin(ct);
        try
        {
            var directive = state.Directive;
            if (directive.Version > state.Done && state.NeedsNewPlan != directive.Version) await CarryOutAsync(directive, work);
            await _signal.WaitAsync(RetryDelay, ct);
        }
        catch (OperationCanceledException) when (work.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            // A newer epoch has begun.
        }
    }

    /// <summary>An attempt failed.</summary>
    public void OnFailed(Exception error) => state.SetProblem(error.Message);

    public void Dispose() => _work.Dispose();

    private async Task CarryOutAsync(HostDirective directive, CancellationToken ct)
    {
        var begun = time.GetTimestamp();
        var version = directive.Version;
        if (IsJoiningLate(directive)) Adopt(directive);
        else await HaltAsync(version.Epoch, directive.Run, ct);
        if (version.Step >= DirectiveStep.Prepare && !await PrepareAsync(directive, ct)) return;
        if (version.Step >= DirectiveStep.Run && !Run(directive)) return;
        if (version.Step == DirectiveStep.Complete) _trainers.Rest(version.Epoch);
        state.SetProblem(null);
        state.MarkDone(version);
        LogDone(version.ToString(), time.GetElapsedTime(begun).TotalMilliseconds);
    }

    /// <summary>
    /// Whether this silo started when the epoch already ran. Its trainers, if they live, are in the middle of the epoch: the silo does not stop them,
    /// and does not touch their slots. A trainer that is not in the epoch is reported as it is, and the root agent begins a new epoch.
    /// </summary>
    private bool IsJoiningLate(HostDirective directive) =>
        directive.Version.Step >= DirectiveStep.Run && directive.Position is not null && !state.PreparedHere;

    private void Adopt(HostDirective directive)
    {
        var epoch = directive.Version.Epoch;
        if (_halted >= epoch) return;
        _memory.Join(directive.Run);
        _memory.RaiseEpochFloor(epoch);
        _trainers.SetPosition(directive.Position);
        EnsureShards(directive);
        _trainers.AdoptEpoch(epoch);
        _halted = epoch;
    }

    /// <summary>
    /// Makes the position's segments. Segments of an earlier position stay, because other hosts may still fetch from them. If there is too little
    /// room, the segments from which nobody fetches are deleted.
    /// </summary>
    private void EnsureShards(HostDirective directive)
    {
        var shards = directive.Own.Concat(directive.Held).Select(shard => (shard.Owner, shard.PayloadBytes)).ToList();
        var (stagingBytes, stagedBytes) = (_storage.StagingBytesFor(directive.Own), _storage.StagedBytes);
        if (!_memory.Fits(shards, stagingBytes, stagedBytes))
            _memory.ReleaseExcept(shards.Select(shard => shard.Owner).Concat(directive.Kept).ToHashSet());
        _memory.CheckBudget(shards, stagingBytes, stagedBytes);
        foreach (var shard in directive.Own) _memory.EnsureShard(shard.Owner, shard.PayloadBytes, ShardRole.Own);
        foreach (var shard in directive.Held) _memory.EnsureShard(shard.Owner, shard.PayloadBytes, ShardRole.Held);
        _storage.EnsureStaging(directive.Own);
    }

    private async Task HaltAsync(Epoch epoch, JobRun run, CancellationToken ct)
    {
        if (_halted >= epoch) return;
        _memory.RaiseEpochFloor(epoch);
        replicator.Stop(epoch);
        await _trainers.StopEpochAsync(epoch).WaitAsync(ct);
        _memory.Join(run);
        _halted = epoch;
        state.MarkDone(new DirectiveVersion(epoch, DirectiveStep.Halt));
    }

    /// <summary>Returns false if the host cannot get a copy that the plan needs.</summary>
    private async Task<bool> PrepareAsync(HostDirective directive, CancellationToken ct)
    {
        var prepare = new DirectiveVersion(directive.Version.Epoch, DirectiveStep.Prepare);
        if (state.Done >= prepare || IsJoiningLate(directive)) return true;
        _trainers.SetPosition(directive.Position);
        EnsureShards(directive);
        if (directive.Restore is { } snapshot)
        {
            _memory.DiscardNewerThan(snapshot);
            var problems = await Task.WhenAll(directive.Own.Select(shard => ObtainAsync(directive, shard, snapshot, ct)));
            if (problems.FirstOrDefault(problem => problem is not null) is { } problem)
            {
                state.MarkNeedsNewPlan(directive.Version.Epoch, problem);
                return false;
            }
        }
        else if (directive.Position is not null)
        {
            _memory.DiscardAll();
            foreach (var shard in directive.Own) restores.Begin(shard, directive.Version.Epoch).Obtained(CopySource.None);
            // A recovery does not wait for this: there is something to lose, and a new path counts as one without classes.
            await replicator.MeasurePathsAsync(directive, ct);
        }

        replicator.Configure(directive);
        state.MarkDone(prepare);
        return true;
    }

    /// <summary>
    /// Gets a verified copy of an own shard into own memory, from the first source that has one. A source that cannot be reached is asked again after
    /// the others. Returns null if the copy is here; otherwise the answers of all sources.
    /// </summary>
    private async Task<string?> ObtainAsync(
        HostDirective directive, ShardDirective shard, SnapshotId snapshot, CancellationToken ct)
    {
        var epoch = directive.Version.Epoch;
        var attempt = restores.Begin(shard, epoch);
        var answers = new SourceAnswers(shard.Sources);
        while (answers.Next is { } source)
        {
            if (answers.PauseBefore is { } pause) await Task.Delay(pause, time, ct);
            if (source == self)
            {
                if (await _memory.VerifyAsync(shard.Owner, snapshot, shard.Hash!.Value, ct))
                {
                    attempt.Obtained(CopySource.Local);
                    return null;
                }

                _memory.Quarantine(shard.Owner, snapshot, "its bytes do not match their hashes");
                answers.Add("this host's own copy: its bytes do not match their hashes", mayPass: false);
                continue;
            }

            var endpoint = directive.DataEndpoints[source];
            var outcome = await ports.Copies.FetchAsync(endpoint, shard.Owner, snapshot, shard.Hash!.Value, epoch, ct);
            if (outcome.IsCompleted)
            {
                _ = outcome.Bytes > 0 ? attempt.Obtained(CopySource.Peer, source) : attempt.Obtained(CopySource.Local);
                return null;
            }

            var isUnreachable = outcome.Result is FetchResult.SourceFailed or FetchResult.TimedOut;
            answers.Add($"{source} ({endpoint}): {outcome.Reason}", mayPass: isUnreachable);
        }

        if (!shard.InStorage) return $"no source gave shard {shard.Owner} of snapshot {snapshot}: {answers}";
        if (await LoadAsync(shard, snapshot, directive.Version.Epoch, ct) is { } problem) return problem;
        attempt.Obtained(CopySource.Storage);
        return null;
    }

    /// <summary>
    /// If the stored copy is bad, the job needs a new plan. If storage does not answer, the load is repeated, because no other copy is left.
    /// </summary>
    private async Task<string?> LoadAsync(ShardDirective shard, SnapshotId snapshot, Epoch epoch, CancellationToken ct)
    {
        try
        {
            return await _storage.LoadAsync(shard, snapshot, epoch, ct) is { } reason
                ? $"storage did not give shard {shard.Owner} of snapshot {snapshot}: {reason}"
                : null;
        }
        catch (IOException)
        {
            await Task.Delay(StorageRetryDelay, time, ct);
            throw;
        }
    }

    /// <summary>Returns false until every trainer of this host loads from its restore point.</summary>
    private bool Run(HostDirective directive)
    {
        replicator.Configure(directive);
        _memory.ReleaseExcept(directive.Own.Concat(directive.Held).Select(shard => shard.Owner).ToHashSet());
        if (directive.Position is not { } position || !state.PreparedHere) return true;
        if (directive.Version.Step == DirectiveStep.Complete) return true;
        // A fetch that a newer epoch ended still writes until its last read has returned. A trainer must not get the slots before that.
        if (directive.Own.Any(shard => _memory.IsReceiving(shard.Owner))) return false;
        var points = directive.Own.ToImmutableDictionary(shard => shard.Owner, shard => ToRestorePoint(directive, shard));
        // A copy that was prepared may have been discarded since: the scrub or a peer found it bad.
        var waiting = points.Where(point => !state.AllLoading([point.Key])).Select(point => point.Value);
        if (waiting.FirstOrDefault(point => point is { Snapshot: not null, LoadSlot: < 0 }) is { Snapshot: { } lost })
        {
            state.MarkNeedsNewPlan(directive.Version.Epoch, $"its own copy of snapshot {lost} was found bad after it was prepared");
            return false;
        }

        state.OfferRestorePoints(directive.Version.Epoch, points);
        return state.AllLoading(job.RanksOf(position));
    }

    private RestorePoint ToRestorePoint(HostDirective directive, ShardDirective shard)
    {
        var (slots, loadSlot) = _memory.SlotsOf(shard.Owner, directive.Restore);
        return new RestorePoint
        {
            Epoch = directive.Version.Epoch,
            Snapshot = directive.Restore,
            Hash = shard.Hash,
            Slots = [.. slots],
            LoadSlot = loadSlot,
            RingEndpoints = directive.RingEndpoints,
        };
    }

    [LoggerMessage(EventIds.DirectiveDone, LogLevel.Information, "Directive {Version} done in {Milliseconds:0.0} ms")]
    private partial void LogDone(string version, double milliseconds);
}
