using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Takes in guests while the job waits for a machine. It fetches one copy after the other, which bounds the load on this host's network. A newer step
/// cancels the fetch that runs. The recovery uses guests as sources, like any other copy. They stay until something is committed after the recovery:
/// until then, a shard might have a single copy without its guest.
/// </summary>
internal sealed partial class GuestKeeper(
    JobSpec job, HostState state, WorkerAgentPorts ports, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Every report brings a directive. This period is for the case that none comes.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Signal _signal = new(time);
    private ImmutableSortedSet<Rank> _refused = [];
    private readonly IHostMemory _memory = ports.Memory;
    private readonly Restartable _work = new();
    private DirectiveVersion _workOn;

    /// <summary>A guest was taken in, or refused. Any thread, under no lock.</summary>
    public event Action? Changed;

    /// <summary>Owners whose shards this host could not take in, in this epoch.</summary>
    public ImmutableArray<Rank> Refused => _workOn.Epoch == state.Directive.Version.Epoch ? [.. _refused] : [];

    /// <summary>There is a directive or a commit.</summary>
    public void Wake()
    {
        if (state.Directive.Version > _workOn) _work.Cancel();
        _signal.Set();
    }

    /// <summary>Waits until there may be guests to take in, and takes them in; see <see cref="HostLoop"/>.</summary>
    public async Task TakeInAsync(CancellationToken ct)
    {
        await _signal.WaitAsync(Period, ct);
        try
        {
            await WorkAsync(state.Directive, ct);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // A newer step has begun.
        }
    }

    public void Dispose() => _work.Dispose();

    private async Task WorkAsync(HostDirective directive, CancellationToken ct)
    {
        if (IsOver(directive)) _memory.ReleaseGuests();
        if (directive.Version.Step != DirectiveStep.Halt || directive.Guests.IsEmpty || state.Done != directive.Version) return;
        if (directive.Version.Epoch > _workOn.Epoch) _refused = [];
        var work = _work.Begin(ct);
        _workOn = directive.Version;
        foreach (var guest in directive.Guests.Where(guest => !_refused.Contains(guest.Replica.Owner)))
        {
            if (state.Directive.Version != directive.Version) return;
            await TakeInAsync(directive, guest, work);
            Changed?.Invoke();
        }
    }

    /// <summary>Something was committed after the recovery, so every shard has its copies where the placement wants them.</summary>
    private bool IsOver(HostDirective directive) =>
        directive.Version.Step >= DirectiveStep.Run && state.Committed > (directive.Restore?.Iteration ?? default) && _memory.HasGuests;

    private async Task TakeInAsync(HostDirective directive, GuestCopy guest, CancellationToken ct)
    {
        var (copy, epoch) = (guest.Replica, directive.Version.Epoch);
        var held = _memory.Inventory().Where(here => here.Owner == copy.Owner).Select(here => here.Snapshot).ToList();
        var problem = held.Contains(copy.Snapshot) ? null : GuestPolicy.Refusal(held, directive.Committed);
        problem ??= await EnsureAsync(copy, ct);
        foreach (var source in problem is null ? guest.Sources : [])
        {
            var outcome = await ports.Copies.FetchAsync(state.EndpointOf(source), copy.Owner, copy.Snapshot, copy.Hash, epoch, ct);
            if (outcome.IsCompleted)
            {
                if (outcome.Bytes > 0) LogTakenIn(copy.Owner, copy.Snapshot, source, outcome.Bytes, outcome.Elapsed.TotalMilliseconds);
                return;
            }

            problem = $"{problem}{(problem is null ? "" : "; ")}{source}: {outcome.Reason}";
        }

        _refused = _refused.Add(copy.Owner);
        LogRefused(copy.Owner, copy.Snapshot, problem ?? "nobody has it");
    }

    private Task<string?> EnsureAsync(Replica copy, CancellationToken ct)
    {
        var shardBytes = _memory.BytesFor(copy.PayloadBytes);
        var stagingBytes = job.Storage is null ? 0 : job.RanksPerHost * copy.PayloadBytes;
        var ownNeedBytes = (job.RanksPerHost * job.Replicas * shardBytes) + stagingBytes - ports.Storage.StagedBytes;
        return _memory.EnsureGuestAsync(copy.Owner, copy.PayloadBytes, ownNeedBytes, ct);
    }

    [LoggerMessage(EventIds.TakenIn, LogLevel.Information,
        "Took in a copy of shard {Owner} of snapshot {Snapshot} from {Source} as a guest: {Bytes} bytes in {Milliseconds:F1} ms")]
    private partial void LogTakenIn(Rank owner, SnapshotId snapshot, HostName source, long bytes, double milliseconds);

    [LoggerMessage(EventIds.GuestRefused, LogLevel.Warning, "No copy of shard {Owner} of snapshot {Snapshot} was taken in as a guest: {Problem}")]
    private partial void LogRefused(Rank owner, SnapshotId snapshot, string problem);
}
