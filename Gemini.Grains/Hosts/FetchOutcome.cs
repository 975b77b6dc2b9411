namespace Gemini.Grains.Hosts;

/// <summary>The outcome of a fetch.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Bytes">Payload bytes that crossed the network; zero if this host held the copy already. Of a corrupt copy: its size.</param>
/// <param name="Elapsed">From the call to the end.</param>
/// <param name="Reason">Why, when it did not complete; for people.</param>
public readonly record struct FetchOutcome(FetchResult Result, long Bytes, TimeSpan Elapsed, string Reason)
{
    public bool IsCompleted => Result == FetchResult.Completed;
}
