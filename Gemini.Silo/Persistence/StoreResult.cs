namespace Gemini.Silo.Persistence;

/// <summary>The result of an operation on the store.</summary>
internal enum StoreResult
{
    Completed,

    /// <summary>A file or snapshot does not exist, or has another size than its manifest says.</summary>
    Missing,

    /// <summary>The bytes do not match their hash, or the manifest cannot be parsed.</summary>
    Corrupt,

    /// <summary>It belongs to another job, or is another snapshot of the same name.</summary>
    Foreign,

    /// <summary>The storage itself fails: full, read-only, missing. The caller may try again.</summary>
    Unavailable,

    /// <summary>The caller no longer wants the result: a newer epoch has begun.</summary>
    Overtaken,
}
