namespace Gemini.Interfaces.Model;

/// <summary>
/// The hash of a whole shard: XxHash3-64 over its chunk table, which holds the XxHash3-64 of every chunk. Detects incomplete, damaged and mixed-up
/// copies. It does not stop an attacker; the job secret does.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.ContentHash")]
public readonly record struct ContentHash(ulong Value)
{
    public override string ToString() => Value.ToString("x16");
}
