using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;

namespace Gemini.Simulation.Truths;

/// <summary>
/// The five truths of the design. They are checked at the events themselves, against the machines' memory and the trainers' state, never against a
/// report. A broken truth ends the run with a sentence that names it.
/// </summary>
internal sealed partial class FiveTruths(World world)
{
    private readonly GoldenRun _golden = new(world.Job.WorldSize);
    private readonly Dictionary<Epoch, (SnapshotId? Snapshot, Rank By)> _loaded = [];

    /// <summary>The newest iteration that was ever committed.</summary>
    public Iteration EverCommitted { get; private set; }

    /// <summary>Truth 1. A trainer loads the right bytes, of the same snapshot as its peers.</summary>
    public void Loaded(TrainerProcess trainer, RestorePoint point, Slot? slot)
    {
        world.Loop.Mix(point.Epoch.Value);
        var rank = trainer.Rank!.Value;
        world.Trace(trainer.Machine.Name.Value, () => $"rank {rank} loads {slot?.Snapshot.ToString() ?? "nothing"} in epoch {point.Epoch}");
        var snapshot = slot?.Snapshot;
        if (_loaded.TryAdd(point.Epoch, (snapshot, rank)))
        {
            world.Statistics.Count("epochs that were loaded");
        }
        else if (_loaded[point.Epoch] is var first && first.Snapshot != snapshot)
        {
            Broken(1, $"in epoch {point.Epoch} rank {rank} loads snapshot {Name(snapshot)}, rank {first.By} loaded {Name(first.Snapshot)}");
        }

        if (slot is null) return;
        if (slot.State != SlotState.Sealed) Broken(1, $"rank {rank} loads a torn copy of {slot.Snapshot} in epoch {point.Epoch}");
        if (slot.Hash != point.Hash || !slot.IsSound)
            Broken(1, $"rank {rank} loads a copy of {slot.Snapshot} in epoch {point.Epoch} that does not match its hash");
        if (slot.Content != _golden.StateOf(rank, slot.Snapshot.Iteration))
            Broken(1, $"what rank {rank} loads as {slot.Snapshot} in epoch {point.Epoch} is not the state of an uninterrupted run");
    }

    /// <summary>Truth 1. All trainers that meet in a collective are in the same iteration of the same epoch.</summary>
    public void Collected(TrainerProcess one, TrainerProcess other)
    {
        if (one.Iteration != other.Iteration || one.Epoch != other.Epoch)
            Broken(1, $"rank {one.Rank} at {one.Iteration}@{one.Epoch} trains with rank {other.Rank} at {other.Iteration}@{other.Epoch}");
    }

    /// <summary>Truth 2. After any number of recoveries the state equals that of an uninterrupted run, bit for bit.</summary>
    public void Stepped(TrainerProcess trainer)
    {
        if (trainer.Data != _golden.StateOf(trainer.Rank!.Value, trainer.Iteration))
            Broken(2, $"rank {trainer.Rank} in epoch {trainer.Epoch} is not in the state of an uninterrupted run at iteration {trainer.Iteration}");
    }

    /// <summary>Truth 4. No trainer waits for a checkpoint longer than its limit. Called periodically.</summary>
    public void Scan()
    {
        const int slackMilliseconds = 200;
        foreach (var trainer in world.Machines.SelectMany(machine => machine.LiveTrainers))
        {
            var waited = world.Now - trainer.ParkedSince;
            if (waited > world.Options.SlotWaitMilliseconds + slackMilliseconds && trainer.Iteration.Value < trainer.Total)
                Broken(4, $"rank {trainer.Rank} in epoch {trainer.Epoch} has waited {waited} ms for a slot for iteration {trainer.Iteration}; "
                    + $"the limit is {world.Options.SlotWaitMilliseconds} ms");
        }
    }

    /// <summary>Truth 5. A machine seals no copy for an epoch after it has halted for a later one.</summary>
    public void Sealed(Machine machine, Slot slot, Epoch epoch)
    {
        if (epoch < machine.Halted)
            Broken(5, $"{machine.Name} has halted for epoch {machine.Halted}, and a copy of rank {slot.Owner}, snapshot {slot.Snapshot}, "
                + $"is sealed for epoch {epoch}");
        NoteSealed(machine, slot);
    }

    private void Broken(int truth, string what) => world.Fail($"truth {truth} is broken at {world.Now - 1_000_000} ms: {what}");

    private static string Name(SnapshotId? snapshot) => snapshot?.ToString() ?? "nothing";
}
