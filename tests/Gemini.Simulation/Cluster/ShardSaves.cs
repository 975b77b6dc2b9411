using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// A trainer's saves: which of the two slots of its shard the next snapshot gets (the trainer's real <see cref="SlotTable"/>), how long a save waits
/// for a slot, and the captures.
/// </summary>
internal sealed class ShardSaves(World world, TrainerProcess trainer, SiloLine line)
{
    private const int LongCaptureMilliseconds = 8000;

    private readonly Alarm _slotFreed = new(world.Loop, trainer);
    private SlotTable _table = new(2);
    private Shard? _shard;
    private bool _slotWaitSpent;

    /// <summary>The newest capture; completed if none runs.</summary>
    public Task Capture { get; private set; } = Task.CompletedTask;

    public Iteration Captured { get; private set; }

    public Iteration Committed => _table.Committed;

    public Iteration Persisted { get; private set; }

    /// <summary>The newest snapshot that is captured, but neither committed nor abandoned; null if there is none.</summary>
    public Iteration? Pending => _table.Pending;

    /// <summary>Since when a finished iteration waits for a slot; null if none waits.</summary>
    public long? ParkedSince { get; private set; }

    /// <summary>The trainer continues from this iteration, which it has loaded from this slot; -1: from the beginning.</summary>
    public void Begin(Shard? shard, int loadSlot, Iteration iteration)
    {
        (_shard, _table) = (shard, new SlotTable(2, loadSlot, iteration));
        (Captured, Persisted, _slotWaitSpent) = (iteration, default, false);
    }

    public void LeaveEpoch() => ParkedSince = null;

    public void Commit(Iteration iteration)
    {
        _table.Commit(iteration);
        NoteFreeSlot();
    }

    public void Abandon(Iteration iteration)
    {
        _table.Abandon(iteration);
        NoteFreeSlot();
    }

    public void Persist(Iteration iteration) => Persisted = iteration;

    /// <summary>Saves the iteration that the trainer has finished: begins its capture, or skips it if no slot becomes free in time.</summary>
    /// <param name="loop">The training loop that saves.</param>
    /// <returns>False: the epoch is over.</returns>
    public async Task<bool> SaveAsync(TrainingLoop loop)
    {
        var snapshot = new SnapshotId(trainer.Iteration, trainer.Epoch);
        var index = BeginSave();
        ParkedSince = world.Now;
        var isLast = trainer.Iteration.Value == trainer.Total;
        while (index < 0)
        {
            var left = ParkedSince!.Value + (_slotWaitSpent ? 0 : world.Options.SlotWaitMilliseconds) - world.Now;
            if (left <= 0 && !isLast && !world.Has(Defect.EndlessSlotWait)) break;
            await _slotFreed.Wait(left > 0 ? left : 100);
            if (loop.IsOver) return false;
            index = BeginSave();
        }

        ParkedSince = null;
        if (index < 0)
        {
            _slotWaitSpent = true;
            line.Tell(agent => agent.SkipAsync(trainer.Rank!.Value, snapshot));
            return true;
        }

        Capture = CaptureAsync(index, snapshot, trainer.Data);
        return true;
    }

    private int BeginSave()
    {
        var index = _table.Begin(trainer.Iteration);
        if (index >= 0 || !world.Has(Defect.CommittedOverwritten)) return index;
        // The defect: the trainer overwrites the older of two full slots, which holds the committed snapshot.
        var older = _shard!.Slots[0].Snapshot.CompareTo(_shard.Slots[1].Snapshot) < 0 ? 0 : 1;
        _table = new SlotTable(2, 1 - older, _table.Committed);
        return _table.Begin(trainer.Iteration);
    }

    private async Task CaptureAsync(int index, SnapshotId snapshot, ulong data)
    {
        var slot = _shard!.Slots[index];
        world.Truths.Overwrites(trainer.Machine, slot, snapshot);
        slot.BeginWrite(snapshot);
        line.Silo?.Trainers.OnCapturing(trainer.LocalIndex, snapshot);
        await trainer.Delay(world.Dice.Between(2, 40));
        for (var end = world.Now + LongCaptureMilliseconds; trainer.Machine.CapturesAreLong && world.Now < end && !IsCancelled(snapshot);) await trainer.Delay(20);
        if (trainer.Machine.CapturesFail || IsCancelled(snapshot))
        {
            slot.Free();
            _table.Discard(index);
            line.Tell(agent => agent.SkipAsync(trainer.Rank!.Value, snapshot));
            return;
        }

        slot.Seal(data);
        _table.Seal(index);
        world.Truths.Sealed(trainer.Machine, slot, snapshot.Epoch);
        if (snapshot.Epoch == trainer.Epoch) Captured = snapshot.Iteration;
        line.Tell(agent => agent.SealAsync(trainer.Rank!.Value, snapshot, new ContentHash(data)));
    }

    /// <summary>Whether a stop cancels the running capture: its snapshot is not needed.</summary>
    private bool IsCancelled(SnapshotId snapshot) => trainer.Machine.CapturesAreLong && snapshot.Epoch < trainer.EpochFloor && !world.Has(Defect.StopAwaitsCapture);

    private void NoteFreeSlot()
    {
        if (!_table.HasFreeSlot) return;
        _slotWaitSpent = false;
        _slotFreed.Set();
    }
}
