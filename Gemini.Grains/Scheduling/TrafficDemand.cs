namespace Gemini.Grains.Scheduling;

/// <summary>What a host has to send in one iteration, and how.</summary>
/// <param name="CheckpointBytes">C, the size of one replica. Not negative.</param>
/// <param name="Replicas">m, the copies of each shard, the host's own included. At least 1; m − 1 are sent.</param>
/// <param name="ChunkBytes">R/p, the size of a sub-buffer, and so the largest chunk. At least 1.</param>
/// <param name="Safety">μ, the share of each idle span that is used, because spans vary. Above 0, at most 1.</param>
public readonly record struct TrafficDemand(long CheckpointBytes, int Replicas, int ChunkBytes, double Safety);
