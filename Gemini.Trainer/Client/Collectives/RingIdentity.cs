using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>The values on which two neighbours must agree, and this rank's number.</summary>
internal sealed record RingIdentity(int Rank, int WorldSize, long Epoch, JobSecret Secret)
{
    public int Next => (Rank + 1) % WorldSize;

    public int Previous => (Rank + WorldSize - 1) % WorldSize;
}
