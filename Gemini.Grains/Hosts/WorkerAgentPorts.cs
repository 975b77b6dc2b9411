namespace Gemini.Grains.Hosts;

/// <summary>All that a worker agent reaches outside itself. The silo implements it over shared memory, sockets and processes.</summary>
/// <param name="Memory">The host's segments.</param>
/// <param name="Trainers">The host's trainers.</param>
/// <param name="Links">Replicas to the holders.</param>
/// <param name="Copies">Copies from other hosts.</param>
/// <param name="Storage">The storage tier.</param>
/// <param name="ControlPlane">The root agent and the checkpoint groups.</param>
/// <param name="Background">What the host does besides.</param>
public sealed record WorkerAgentPorts(
    IHostMemory Memory, ITrainers Trainers, IReplicaLinks Links, ICopySource Copies, IStorageTier Storage, IControlPlane ControlPlane,
    IBackgroundWork Background);
