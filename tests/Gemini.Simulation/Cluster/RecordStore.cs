using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>The outcome of a call to the store.</summary>
internal enum RecordOutcome
{
    Done,

    /// <summary>Another root agent has written since.</summary>
    Conflict,

    /// <summary>No answer came. A write may have been applied all the same.</summary>
    Unknown,
}

/// <summary>Grain storage of the root agent's record: one record with one etag, reached through the network.</summary>
internal sealed class RecordStore(World world)
{
    private const int CallLimitMilliseconds = 1000;

    private long _writes;

    public RootRecord Record { get; private set; } = new();

    /// <summary>Null while there is no record.</summary>
    public string? Etag { get; private set; }

    /// <summary>The etag after the next write of any root agent.</summary>
    public string NextEtag => $"{_writes + 1}";

    /// <summary>Whether the store has ever lost the record.</summary>
    public bool WasLost { get; private set; }

    /// <summary>The store does not answer.</summary>
    public bool IsAway { get; set; }

    public Task<(RecordOutcome Outcome, RootRecord Record, string? Etag)> ReadAsync(Process caller, Machine from) =>
        CallAsync(caller, from, () => (RecordOutcome.Done, Record, Etag));

    public Task<(RecordOutcome Outcome, RootRecord Record, string? Etag)> WriteAsync(Process caller, Machine from, RootRecord record, string? etag)
    {
        string? written = null;
        return CallAsync(caller, from, () =>
        {
            // The network doubled the request: apply it once.
            if (written is not null) return (RecordOutcome.Done, record, written);
            if (etag != Etag && !world.Has(Defect.EtagIgnored)) return (RecordOutcome.Conflict, Record, Etag);
            if (WasLost && Etag is null && record.Epoch > Epoch.Zero) world.Statistics.Count("records that were written again");
            (Record, Etag, written) = (record, NextEtag, NextEtag);
            _writes++;
            world.Truths.Recorded(record);
            return (RecordOutcome.Done, record, written);
        });
    }

    /// <summary>The store loses the content. A root agent that wrote it before finds no record.</summary>
    public void Lose()
    {
        (WasLost, Record, Etag) = (true, new RootRecord(), null);
        world.Truths.RecordLost();
    }

    private Task<(RecordOutcome, RootRecord, string?)> CallAsync(Process caller, Machine from, Func<(RecordOutcome, RootRecord, string?)> serve)
    {
        var answer = new TaskCompletionSource<(RecordOutcome, RootRecord, string?)>();
        void Answer((RecordOutcome, RootRecord, string?) result)
        {
            if (caller.Alive) answer.TrySetResult(result);
        }

        world.Network.Send(from.Index, world.RedisNode, () =>
        {
            if (IsAway) return;
            var result = serve();
            world.Network.Send(world.RedisNode, from.Index, () => Answer(result));
        });
        world.Loop.Schedule(CallLimitMilliseconds, () => Answer((RecordOutcome.Unknown, new RootRecord(), null)));
        return answer.Task;
    }
}
