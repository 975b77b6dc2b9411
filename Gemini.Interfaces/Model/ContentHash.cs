namespace Gemini.Interfaces.Model;

/// <summary>
/// The hash of a whole shard: XxHash3-64 over its chunk table, which holds the XxHash3-64 of every chunk. Guards against
/// torn, rotten and mixed-up copies; it is no defence against a forger (the job secret is).
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.ContentHash")]
public readonly record struct ContentHash(ulong Value)
{
    public override string ToString() => Value.ToString("x16");
}
