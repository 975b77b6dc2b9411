using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>
/// Counts hang verdicts without progress between them: the job was restarted, and stopped at the same iteration again. Then the limit was too short,
/// or a restart does not help. So the limit doubles, and after some verdicts people are told. Pure.
/// </summary>
internal sealed class StuckRepeats
{
    /// <summary>The limits grow to at most 8 times their configured value (120 s become 16 min), because a real hang must end in a verdict.</summary>
    private const int FactorLimit = 8;

    /// <summary>People are told from this many verdicts in a row, because so many are no accident.</summary>
    private const int ToldFrom = 3;

    private Iteration _at;

    /// <summary>Verdicts in a row without progress between them.</summary>
    public int Count { get; private set; }

    /// <summary>How many times longer the limits are than configured.</summary>
    public int Factor => Math.Min(FactorLimit, 1 << Math.Min(Count, 8));

    /// <summary>What people should know and do; empty below three verdicts in a row.</summary>
    public string Advice { get; private set; } = "";

    /// <summary>Takes in a verdict that the job hangs.</summary>
    /// <param name="finished">The newest iteration that every rank has finished.</param>
    /// <param name="limit">The limit that passed.</param>
    /// <param name="setting">The configuration property that sets the limit, with its value.</param>
    public void Verdict(Iteration finished, TimeSpan limit, string setting)
    {
        Count = Count > 0 && finished <= _at ? Count + 1 : 1;
        if (Count == 1 || finished > _at) _at = finished;
        Advice = Count < ToldFrom ? "" : $"{Count} times in a row the job hung after iteration {_at}: not every rank finished the next iteration in time, "
            + $"and the last limit was {limit.TotalSeconds:0.#} s. If an iteration may take that long, raise {setting} in "
            + "every host's configuration, or announce the pause in the training loop (session.Busy); else look at the "
            + "trainers' logs";
    }

    /// <summary>Takes in that every rank has finished this iteration.</summary>
    public void Progress(Iteration finished)
    {
        if (Count > 0 && finished > _at) (Count, Advice) = (0, "");
    }
}
