namespace Gemini.Silo.Persistence;

/// <summary>The result of an operation on the store, and the reason.</summary>
internal readonly record struct StoreOutcome(StoreResult Result, string Reason)
{
    public static StoreOutcome Completed { get; } = new(StoreResult.Completed, "");

    public bool IsCompleted => Result == StoreResult.Completed;
}
