using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>
/// Counts verdicts on a hang that were followed by no progress: the job was put back, and stood still at the same
/// iteration again. Then the limit was too short, or a restart does not help. So the limit doubles, and in the end
/// people are told. Pure.
/// </summary>
internal sealed class StuckRepeats
{
    /// <summary>
    /// The limits grow to 8 times at most: 120 s become 16 min, and a real hang must end in a verdict.
    /// </summary>
    private const int FactorLimit = 8;

    /// <summary>So many verdicts in a row are no accident.</summary>
    private const int ToldFrom = 3;

    private Iteration _at;

    /// <summary>Verdicts in a row without progress between them.</summary>
    public int Count { get; private set; }

    /// <summary>By how much the limits are longer than configured.</summary>
    public int Factor => Math.Min(FactorLimit, 1 << Math.Min(Count, 8));

    /// <summary>What people should know and do; empty while there is nothing to say.</summary>
    public string Advice { get; private set; } = "";

    /// <summary>The job was found stuck.</summary>
    /// <param name="finished">The newest iteration that every rank has finished.</param>
    /// <param name="limit">The limit that passed.</param>
    /// <param name="setting">The property of the configuration that the limit comes from, with its value.</param>
    public void Verdict(Iteration finished, TimeSpan limit, string setting)
    {
        Count = Count > 0 && finished <= _at ? Count + 1 : 1;
        if (Count == 1 || finished > _at) _at = finished;
        Advice = Count < ToldFrom ? "" : $"{Count} times in a row no rank finished an iteration after {_at} in time, "
            + $"the last time within {limit.TotalSeconds:0.#} s. If an iteration may take that long, raise {setting} in "
            + "every host's configuration, or announce the pause in the training loop (session.Busy); else look at the "
            + "trainers' logs";
    }

    /// <summary>Every rank has finished this iteration.</summary>
    public void Progress(Iteration finished)
    {
        if (Count > 0 && finished > _at) (Count, Advice) = (0, "");
    }
}
