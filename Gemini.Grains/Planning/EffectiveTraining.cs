namespace Gemini.Grains.Planning;

/// <summary>The share of time that trains new iterations, from the number of failures a day and the cost of each failure.</summary>
/// <remarks>
/// GEMINI (SOSP'23) Fig. 15, as its released notebook computes it: ratio = max(0, r₀ - c·n / 1440), n failures a day, c minutes lost by each, r₀ the
/// share without failures. The model is linear: it assumes that failures do not overlap, so it is valid while c·n is well below a day. GPT-2 100B on
/// 16 p4d. Checked by: PaperChecksTests.
/// </remarks>
/// <param name="WithoutFailures">r₀, 0 to 1: below 1 when checkpoints block training.</param>
/// <param name="MinutesPerFailure">c.</param>
public sealed record EffectiveTraining(double WithoutFailures, double MinutesPerFailure)
{
    private const double MinutesPerDay = 1440;

    /// <summary>7.2 min of restart and 1.5 iterations, rounded up to 9.</summary>
    public static EffectiveTraining Gemini { get; } = new(1, 9);

    /// <summary>2 × 8 min of checkpoint, 90 min of lost training and 6 min of restart. Fig. 15 as printed was drawn with 111.</summary>
    public static EffectiveTraining Strawman { get; } = new(1, 112);

    /// <summary>80 s of every 560 s block training; 2.5 × 8 min and 6 min of restart.</summary>
    public static EffectiveTraining HighFreq { get; } = new(480.0 / 560, 26);

    /// <param name="failuresPerDay">n, at least 0.</param>
    public double Ratio(double failuresPerDay) => Math.Max(0, WithoutFailures - (MinutesPerFailure * failuresPerDay / MinutesPerDay));

    /// <summary>Fig. 15b: 1.5 % of the machines fail each day.</summary>
    public static double FailuresPerDay(int hostCount) => 0.015 * hostCount;
}
