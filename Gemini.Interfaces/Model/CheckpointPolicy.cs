namespace Gemini.Interfaces.Model;

/// <summary>What a <see cref="CheckpointMode"/> means. The mode is asked for here and nowhere else; all code asks the policy.</summary>
public sealed record CheckpointPolicy
{
    /// <summary>The mode of a job whose configuration names none.</summary>
    public const CheckpointMode DefaultMode = CheckpointMode.Gemini;

    /// <summary>Replicas that took longer than this many iterations no longer wait for idle spans.</summary>
    public const int OverdueIterations = 10;

    private CheckpointPolicy()
    {
    }

    /// <summary>Whether trainers capture their state.</summary>
    public bool Captures { get; private init; } = true;

    /// <summary>Whether a recovery uses host memory. Otherwise it uses storage, or begins again.</summary>
    public bool RecoversFromMemory { get; private init; } = true;

    /// <summary>What a save waits for before training continues.</summary>
    public SaveWait SaveWait { get; private init; }

    /// <summary>Whether replicas wait for idle spans of the training network. Otherwise they are sent at once.</summary>
    public bool WaitsForIdleSpans { get; private init; }

    /// <summary>
    /// How many saves in a row may be skipped without a problem, because replicas of the snapshot before are still being sent. Training waits for a
    /// later one, for a limited time, and reports a problem if it is skipped too.
    /// </summary>
    public int ExpectedSkips => WaitsForIdleSpans ? OverdueIterations : 0;

    /// <summary>Whether sending begins only when the capture is complete. Otherwise it follows the capture.</summary>
    public bool WaitsForCapture { get; private init; }

    /// <summary>Whether connections that carry replicas are marked as background traffic.</summary>
    public bool IsMarked { get; private init; } = true;

    /// <summary>Whether snapshots go to storage as often as storage takes them, whatever the job's storage policy says.</summary>
    public bool StoresAlways { get; private init; }

    /// <summary>The policy of a mode.</summary>
    public static CheckpointPolicy Of(CheckpointMode mode) => mode switch
    {
        CheckpointMode.Gemini => new() { WaitsForIdleSpans = true },
        CheckpointMode.Marked => new(),
        CheckpointMode.Naive => new() { IsMarked = false },
        CheckpointMode.Unpipelined => new() { WaitsForIdleSpans = true, WaitsForCapture = true },
        CheckpointMode.Blocking => new() { SaveWait = SaveWait.Committed },
        CheckpointMode.None => new() { Captures = false, RecoversFromMemory = false },
        CheckpointMode.Strawman => new() { RecoversFromMemory = false, SaveWait = SaveWait.Staged },
        CheckpointMode.HighFreq => new() { RecoversFromMemory = false, SaveWait = SaveWait.Staged, StoresAlways = true },
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "There is no such mode."),
    };
}
