namespace Gemini.Silo.Lab.Matrix;

/// <summary>How a case has to end. In each of them but the last, the state is bit for bit that of an uninterrupted run.</summary>
internal enum DrillEnding
{
    /// <summary>Training goes on in the same epoch.</summary>
    Undisturbed,

    /// <summary>A new epoch, resumed from host memory, at the newest iteration that was known to be committed or later.</summary>
    Memory,

    /// <summary>A new epoch, resumed from storage, at the newest persisted iteration or later.</summary>
    Storage,

    /// <summary>The job says which ranks are missing, and waits.</summary>
    Refusal,
}
