namespace Gemini.Trainer.Client.Collectives;

/// <summary>A neighbour's connection ended although the ring still needed it.</summary>
/// <param name="rank">The neighbour. It may itself have left because of a loss farther away.</param>
public sealed class PeerLostException(int rank) : CollectiveException($"The connection to rank {rank} was lost.")
{
    public int Rank { get; } = rank;
}
