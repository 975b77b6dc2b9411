namespace Gemini.Silo.Lab.Cluster;

/// <summary>What the demo compares Gemini with: the paper's baselines (GEMINI, SOSP 2023, §7.1), which recover from storage only.</summary>
internal enum Baseline
{
    /// <summary>Gemini itself.</summary>
    None,

    /// <summary>A blocking save after a fixed number of iterations: the paper's save every 3 hours, scaled down to the run.</summary>
    Strawman,

    /// <summary>Blocking saves as often as storage takes them.</summary>
    HighFreq,
}
