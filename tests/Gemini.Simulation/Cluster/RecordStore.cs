using Gemini.Grains.Recovery;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>What came of a call to the store.</summary>
internal enum RecordOutcome
{
    Done,

    /// <summary>Somebody else has written since.</summary>
    Conflict,

    /// <summary>No answer. A write may have been applied all the same.</summary>
    Unknown,
}

/// <summary>Grain storage of the root agent's record: one record, one etag, behind the network like everything else.</summary>
internal sealed class RecordStore(World world)
{
    private const int CallLimitMilliseconds = 1000;

    public RootRecord Record { get; private set; } = new();

    public long Etag { get; private set; }

    /// <summary>The store has lost the record, and nobody has written one since.</summary>
    public bool IsLost { get; private set; }

    /// <summary>The store has ever lost it.</summary>
    public bool WasLost { get; private set; }

    /// <summary>Takes and answers nothing.</summary>
    public bool IsAway { get; set; }

    public Task<(RecordOutcome Outcome, RootRecord Record, long Etag)> ReadAsync(Process caller, Machine from) =>
        CallAsync(caller, from, () => (RecordOutcome.Done, Record, Etag));

    public Task<(RecordOutcome Outcome, RootRecord Record, long Etag)> WriteAsync(Process caller, Machine from, RootRecord record, long etag)
    {
        var isApplied = false;
        return CallAsync(caller, from, () =>
        {
            // A doubled request is the same request.
            if (!isApplied && etag != Etag && !world.Has(Defect.EtagIgnored)) return (RecordOutcome.Conflict, Record, Etag);
            if (!isApplied)
            {
                (isApplied, IsLost, Record, Etag) = (true, false, record, Etag + 1);
                world.Truths.Recorded(record);
            }

            return (RecordOutcome.Done, record, Etag);
        });
    }

    /// <summary>The content is gone. Whoever wrote it before finds another etag.</summary>
    public void Lose()
    {
        (IsLost, WasLost, Record, Etag) = (true, true, new RootRecord(), Etag + 1);
        world.Truths.RecordLost();
    }

    private Task<(RecordOutcome, RootRecord, long)> CallAsync(Process caller, Machine from, Func<(RecordOutcome, RootRecord, long)> serve)
    {
        var answer = new TaskCompletionSource<(RecordOutcome, RootRecord, long)>();
        void Answer((RecordOutcome, RootRecord, long) result)
        {
            if (caller.Alive) answer.TrySetResult(result);
        }

        world.Network.Send(from.Index, world.RedisNode, () =>
        {
            if (IsAway) return;
            var result = serve();
            world.Network.Send(world.RedisNode, from.Index, () => Answer(result));
        });
        world.Loop.Schedule(CallLimitMilliseconds, () => Answer((RecordOutcome.Unknown, new RootRecord(), 0)));
        return answer.Task;
    }
}
