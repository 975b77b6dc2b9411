namespace Gemini.Trainer.Client.Collectives;

/// <summary>The connection to a neighbour ended while the ring still needed it.</summary>
/// <param name="rank">The neighbour. It may have left only because it lost its own neighbour.</param>
public sealed class PeerLostException(int rank) : CollectiveException($"The connection to rank {rank} was lost.")
{
    public int Rank { get; } = rank;
}
