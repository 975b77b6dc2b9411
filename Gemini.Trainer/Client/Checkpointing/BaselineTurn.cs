namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// Decides which saves are left out so that no replica is sent in the iteration after them. Such iterations show what replicas cost. All ranks of a
/// job decide alike, because they see the same iterations, and a commit frees the slots of all.
/// </summary>
/// <remarks>
/// A turn comes at each multiple of k. If no slot is free then, replicas of an earlier snapshot are still being sent. So the turn goes on with the next
/// save, until one finds a free slot. Not thread safe; the caller locks.
/// </remarks>
/// <param name="interval">k. 0: no save is left out.</param>
/// <param name="restored">The iteration from which the trainer resumed; 0 for the initial state.</param>
internal sealed class BaselineTurn(int interval, long restored = 0)
{
    private long _taken = interval > 0 ? restored / interval : 0;

    /// <summary>Whether the save of this iteration is left out.</summary>
    /// <param name="iteration">Greater than in the call before.</param>
    /// <param name="isSlotFree">Whether a slot is free.</param>
    public bool Takes(long iteration, bool isSlotFree)
    {
        if (interval == 0 || iteration / interval == _taken) return false;
        if (isSlotFree) _taken = iteration / interval;
        return true;
    }
}
