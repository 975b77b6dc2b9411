namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>Decides how long training waits for a save that finds no free slot, and whether it is a problem if the save is then skipped.</summary>
/// <remarks>
/// Training waits because it must not run away from its newest commit: after a failure, everything since then is repeated. It waits once, at most for a
/// given time; then it runs on until a slot has become free. In a mode that waits for idle spans, some saves in a row are skipped without a wait, and
/// that is no problem: the network has no time for more. But not while the silo is away, because then nothing is sent. Not thread safe; the caller
/// locks.
/// </remarks>
/// <param name="wait">The longest wait for one slot.</param>
/// <param name="expectedSkips">How many saves in a row may be skipped without a wait; 0 in a mode that does not wait for idle spans.</param>
/// <param name="hasSilo">Whether this process is connected to its silo. Must be quick.</param>
internal sealed class SlotPatience(TimeSpan wait, int expectedSkips, Func<bool> hasSilo)
{
    private int _skips;
    private bool _isSpent;

    /// <summary>What happens to a save that finds no slot now: how long it waits, and whether a skip is expected.</summary>
    public (TimeSpan Wait, bool IsExpected) Ask()
    {
        var isExpected = _skips < expectedSkips && hasSilo();
        return (isExpected || _isSpent ? TimeSpan.Zero : wait, isExpected);
    }

    /// <summary>A save was skipped.</summary>
    /// <param name="isExpected">What <see cref="Ask"/> said of it.</param>
    public void Skip(bool isExpected)
    {
        _skips++;
        _isSpent |= !isExpected;
    }

    /// <summary>A slot has become free.</summary>
    public void Renew() => (_skips, _isSpent) = (0, false);
}
