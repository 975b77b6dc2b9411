namespace Gemini.Silo.Lab.Cluster;

/// <summary>What the demo compares Gemini with: the paper's baselines (GEMINI, SOSP 2023, §7.1), which recover from storage alone.</summary>
internal enum Baseline
{
    /// <summary>Gemini itself.</summary>
    None,

    /// <summary>A blocking save every so many iterations; the paper's every 3 hours, scaled down to the run.</summary>
    Strawman,

    /// <summary>Blocking saves as often as storage takes them.</summary>
    HighFreq,
}
