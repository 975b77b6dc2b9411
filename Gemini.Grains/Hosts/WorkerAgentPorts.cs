namespace Gemini.Grains.Hosts;

/// <summary>All that a worker agent reaches outside itself. The silo implements it over shared memory, sockets and processes.</summary>
/// <param name="Memory">The host's segments.</param>
/// <param name="Trainers">The host's trainers.</param>
/// <param name="Links">Sends own shards to their holders.</param>
/// <param name="Copies">Copies from other hosts.</param>
/// <param name="Storage">The storage tier.</param>
/// <param name="ControlPlane">The root agent and the checkpoint groups.</param>
/// <param name="Background">The host's other repeated work.</param>
public sealed record WorkerAgentPorts(
    IHostMemory Memory, ITrainers Trainers, IReplicaLinks Links, ICopySource Copies, IStorageTier Storage, IControlPlane ControlPlane,
    IBackgroundWork Background);
