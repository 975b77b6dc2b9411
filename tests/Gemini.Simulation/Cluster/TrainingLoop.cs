using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;
using Gemini.Simulation.Truths;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// One passage of a trainer through an epoch: it asks for a restore point, loads it, and iterates in the ring. If the epoch ends, this loop ends where
/// it is, and the trainer begins another one.
/// </summary>
internal sealed class TrainingLoop(World world, TrainerProcess trainer, SiloLine line, ShardSaves saves)
{
    public const int QuestionMilliseconds = 30;

    private Collective? _collective;

    /// <summary>The epoch is over, so the loop does nothing any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Whether it waits for other ranks.</summary>
    public bool IsInCollective { get; private set; }

    public async Task RunAsync()
    {
        await saves.Capture;
        if (IsOver) return;
        trainer.Wait();
        line.Silo?.Trainers.NoteChanged();
        while (true)
        {
            var point = await NextRestorePointAsync();
            if (point is null) return;
            await trainer.Delay(world.Dice.Between(2, 60));
            await trainer.Released;
            if (IsOver) return;
            if (point.Epoch < trainer.EpochFloor)
            {
                trainer.Wait();
                continue;
            }

            if (!TryLoad(point)) continue;
            await TrainAsync();
            return;
        }
    }

    public void End()
    {
        (IsOver, IsInCollective) = (true, false);
        saves.LeaveEpoch();
        LeaveRing();
        _collective = null;
    }

    /// <summary>The trainer's sockets are closed.</summary>
    public void LeaveRing() => _collective?.Leave(trainer);

    /// <summary>Null: the loop is over.</summary>
    private async Task<RestorePoint?> NextRestorePointAsync()
    {
        while (true)
        {
            if (line.Silo is { Alive: true } silo)
            {
                var point = trainer.Rank is { } rank ? await NextRestorePointAsync(silo, rank) : await JoinAsync(silo);
                if (IsOver) return null;
                if (point is not null)
                {
                    trainer.Take(point.Epoch);
                    return point;
                }
            }

            await trainer.Delay(QuestionMilliseconds);
            if (IsOver) return null;
        }
    }

    /// <summary>The trainer learns its rank, which never changes. There is no restore point yet.</summary>
    private async Task<RestorePoint?> JoinAsync(Silo silo)
    {
        if (await line.AskAsync(silo, agent => agent.JoinAsync(trainer.LocalIndex)) is not { } membership || trainer.Rank is not null) return null;
        trainer.LearnRank(membership.Rank);
        return null;
    }

    private Task<RestorePoint?> NextRestorePointAsync(Silo silo, Rank rank) =>
        line.AskAsync(silo, agent => agent.GetRestorePointAsync(rank, trainer.NeedsEpochAfter));

    /// <summary>Checks the copy and loads it, or refuses it.</summary>
    private bool TryLoad(RestorePoint point)
    {
        var rank = trainer.Rank!.Value;
        var shard = trainer.Machine.Memory.Find(rank);
        Slot? slot = null;
        if (point.Snapshot is { } snapshot)
        {
            slot = point.LoadSlot < 0 ? null : shard?.Slots[point.LoadSlot];
            var isGood = slot is { State: SlotState.Sealed } && slot.Snapshot == snapshot && slot.Hash == point.Hash && slot.IsSound;
            if (!isGood && !(world.Has(Defect.HashNotChecked) && slot is { State: SlotState.Sealed }))
            {
                trainer.Wait();
                if (line.Silo is { Alive: true } silo) silo.Launch(() => silo.Agent.RejectCopyAsync(rank, point.Epoch, snapshot, "its bytes do not match their hash"));
                return false;
            }
        }

        world.Truths.Loaded(trainer, point, slot);
        trainer.Enter(point, shard, slot?.Content ?? GoldenRun.Initial(rank));
        _collective = world.CollectiveOf(point.Epoch, point.RingEndpoints);
        _collective.Enter(trainer);
        line.Tell(agent => agent.LoadedAsync(rank, point.Epoch));
        return true;
    }

    private async Task TrainAsync()
    {
        while (trainer.Iteration.Value < trainer.Total)
        {
            var pace = world.Options.IterationMilliseconds;
            await trainer.Delay(world.Dice.Between(pace * 3 / 4, pace * 5 / 4));
            if (world.Evaluation is { } evaluation && evaluation.After == trainer.Iteration) await trainer.Delay(evaluation.Milliseconds);
            await saves.Capture;
            await trainer.Released;
            if (IsOver || trainer.IsHung) return;
            IsInCollective = true;
            var sum = await _collective!.StepAsync(trainer);
            IsInCollective = false;
            if (IsOver || sum is null) return;
            trainer.Step(sum.Value);
            if (!await saves.SaveAsync(this)) return;
        }

        await saves.Capture;
        while (!IsOver && saves.Pending == trainer.Iteration) await trainer.Delay(QuestionMilliseconds);
        if (!IsOver) trainer.Finish();
    }
}
