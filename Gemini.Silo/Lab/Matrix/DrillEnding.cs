namespace Gemini.Silo.Lab.Matrix;

/// <summary>How a case has to end. Except for a refusal, the state is bit for bit that of an uninterrupted run.</summary>
internal enum DrillEnding
{
    /// <summary>Training continues in the same epoch.</summary>
    Undisturbed,

    /// <summary>A new epoch, resumed from host memory at the newest iteration known to be committed, or later.</summary>
    Memory,

    /// <summary>A new epoch, resumed from storage at the newest persisted iteration, or later.</summary>
    Storage,

    /// <summary>The job says which ranks are missing, and waits.</summary>
    Refusal,
}
