namespace Gemini.Silo.Trainers;

/// <summary>
/// Decides when a dead trainer is started again: at once, unless it keeps dying before it finishes a step, which a restart
/// does not cure. Pure: the caller brings the time.
/// </summary>
internal sealed class RestartPolicy(TrainerOptions options)
{
    private readonly Queue<TimeSpan> _quickDeaths = new();

    /// <summary>How many quick deaths are in the window.</summary>
    public int QuickDeathCount => _quickDeaths.Count;

    /// <summary>Says how long to wait before the next start, and whether the deaths amount to a problem.</summary>
    /// <param name="now">Monotonic time since any fixed moment.</param>
    /// <param name="finishedAStep">Whether the process that died had finished a step.</param>
    public (TimeSpan Pause, bool IsProblem) OnDeath(TimeSpan now, bool finishedAStep)
    {
        if (finishedAStep)
        {
            _quickDeaths.Clear();
            return (TimeSpan.Zero, false);
        }

        _quickDeaths.Enqueue(now);

        // While the problem lasts, starts are a pause apart: the window must not forget the deaths before.
        var window = options.QuickDeathWindow + (IsProblem ? options.QuickDeathPause * options.QuickDeathLimit : TimeSpan.Zero);
        while (_quickDeaths.Count > options.QuickDeathLimit || now - _quickDeaths.Peek() > window) _quickDeaths.Dequeue();
        IsProblem = _quickDeaths.Count >= options.QuickDeathLimit;
        return (IsProblem ? options.QuickDeathPause : TimeSpan.Zero, IsProblem);
    }

    /// <summary>The running process finished a step: whatever was wrong is cured.</summary>
    public void OnStep()
    {
        _quickDeaths.Clear();
        IsProblem = false;
    }

    private bool IsProblem { get; set; }
}
