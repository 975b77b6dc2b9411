namespace Gemini.Silo.Persistence;

/// <summary>What became of an operation on the store.</summary>
internal enum StoreResult
{
    Completed,

    /// <summary>A file or snapshot is not there, or has another size than its manifest says.</summary>
    Missing,

    /// <summary>The bytes are not what their hash says, or a manifest cannot be read as one.</summary>
    Corrupt,

    /// <summary>It belongs to another job, or is another snapshot of the same name.</summary>
    Foreign,

    /// <summary>The storage itself fails: full, read-only, gone. Worth trying again.</summary>
    Unavailable,

    /// <summary>The caller lost interest: a newer epoch has begun.</summary>
    Overtaken,
}
