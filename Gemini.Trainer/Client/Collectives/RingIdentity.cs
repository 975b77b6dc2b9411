using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>What two neighbours must agree on, and who this one is.</summary>
internal sealed record RingIdentity(int Rank, int WorldSize, long Epoch, JobSecret Secret)
{
    public int Next => (Rank + 1) % WorldSize;

    public int Previous => (Rank + WorldSize - 1) % WorldSize;
}
