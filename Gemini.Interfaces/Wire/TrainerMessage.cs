using System.Text.Json.Serialization;

namespace Gemini.Interfaces.Wire;

/// <summary>
/// A line on the unix socket between a trainer and its host's silo: one JSON object, its kind in <c>"type"</c>, ended by a
/// line feed. Small, in both directions, and readable from any language. The socket's end is the end of the peer.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TrainerHello), "hello")]
[JsonDerivedType(typeof(TrainerCapturing), "capturing")]
[JsonDerivedType(typeof(TrainerStep), "step")]
[JsonDerivedType(typeof(TrainerBusy), "busy")]
[JsonDerivedType(typeof(TrainerLostPeer), "lostPeer")]
[JsonDerivedType(typeof(TrainerStopped), "stopped")]
[JsonDerivedType(typeof(TrainerFinished), "finished")]
[JsonDerivedType(typeof(TrainerSpare), "spare")]
[JsonDerivedType(typeof(TrainerWarm), "warm")]
[JsonDerivedType(typeof(TrainerSaves), "saves")]
[JsonDerivedType(typeof(SiloStop), "stop")]
[JsonDerivedType(typeof(SiloCommitted), "committed")]
[JsonDerivedType(typeof(SiloAbandoned), "abandoned")]
[JsonDerivedType(typeof(SiloPersisted), "persisted")]
[JsonDerivedType(typeof(SiloExit), "exit")]
[JsonDerivedType(typeof(SiloTakeOver), "takeOver")]
public abstract record TrainerMessage;

/// <summary>Trainer → silo, first line of every connection.</summary>
/// <param name="Version">Version of this protocol, <see cref="TrainerProtocol.Version"/>.</param>
/// <param name="LocalIndex">Which of the host's trainers, 0 to R-1.</param>
/// <param name="ProcessId">Operating system process id.</param>
/// <param name="RingEndpoint">"address:port" of its ring listener; may be empty for a trainer without one.</param>
/// <param name="Description">What it trains, for people.</param>
/// <param name="ParameterCount">Parameters of the whole model, 0 when unknown.</param>
/// <param name="TotalIterations">Iterations it means to run, 0 when open-ended.</param>
/// <param name="Rank">Its rank, when it already trains (a reconnection); else null.</param>
/// <param name="Epoch">The epoch whose restore point it loaded; 0 before the first.</param>
/// <param name="Iteration">The newest iteration it finished; 0 before the first.</param>
/// <param name="ShardBytes">Payload size of its shard; 0 until declared.</param>
/// <param name="Liveness">Where it answers whether it lives, <see cref="LivenessProtocol.Address"/>; empty for one that does not.</param>
/// <param name="Warm">Whether it has said, or would say, <see cref="TrainerWarm"/>.</param>
/// <param name="Fence">The newest epoch that it was told of: it takes no restore point of an earlier one. 0 before the first.</param>
/// <param name="Program">What <see cref="TrainerEnvironment.Program"/> said when it was started; empty if it said nothing.</param>
/// <param name="Committed">The newest iteration of its epoch of which it knows that it is committed; 0 before the first.</param>
public sealed record TrainerHello(
    int Version, int LocalIndex, int ProcessId, string RingEndpoint, string Description, long ParameterCount, long TotalIterations,
    int? Rank, long Epoch, long Iteration, long ShardBytes, string Liveness = "", bool Warm = false, long Fence = 0,
    string Program = "", long Committed = 0) : TrainerMessage;

/// <summary>
/// Trainer → silo, first line of a process that was started as a spare: it holds no lock and trains nothing. When the silo says
/// <see cref="SiloTakeOver"/> it ends this connection, takes the lock and says hello; when the connection ends before, it exits.
/// </summary>
/// <param name="Version">Version of this protocol, <see cref="TrainerProtocol.Version"/>.</param>
/// <param name="LocalIndex">Which of the host's trainers it would become.</param>
/// <param name="Number">What <see cref="TrainerEnvironment.Spare"/> says.</param>
public sealed record TrainerSpare(int Version, int LocalIndex, int Number) : TrainerMessage;

/// <summary>Trainer → silo: all that a first iteration needs is loaded and compiled.</summary>
public sealed record TrainerWarm : TrainerMessage;

/// <summary>Trainer → silo: a capture has begun; the watermark in the slot of this snapshot may be followed from now on.</summary>
public sealed record TrainerCapturing(long Epoch, long Iteration) : TrainerMessage;

/// <summary>
/// Trainer → silo: an iteration is finished, its optimizer step included. <c>Busy</c>: milliseconds of it in which the rank did not
/// wait for others; 0 when it does not know.
/// </summary>
public sealed record TrainerStep(long Epoch, long Iteration, double Loss, double Milliseconds, double Busy = 0) : TrainerMessage;

/// <summary>
/// Trainer → silo: saves have begun to fail, fail for another reason, or work again. Said after the hello too, while they fail.
/// </summary>
/// <param name="Epoch">The epoch of the saves.</param>
/// <param name="Problem">Why the newest save came to nothing, for people; empty: saves work.</param>
public sealed record TrainerSaves(long Epoch, string Problem) : TrainerMessage;

/// <summary>
/// Trainer → silo: the training loop begins, or ends, a pause between two iterations that it announces, such as an evaluation.
/// </summary>
/// <param name="Epoch">The epoch that the trainer is in.</param>
/// <param name="Number">How many such lines this process has sent, this one included: two equal pauses in a row are told apart by it.</param>
/// <param name="Reason">What it does, for people; empty: the pause is over.</param>
/// <param name="LimitMilliseconds">The longest that the pause may take; 0: the pause is over.</param>
public sealed record TrainerBusy(long Epoch, long Number, string Reason, long LimitMilliseconds) : TrainerMessage;

/// <summary>Trainer → silo: the connection to a peer trainer broke. The trainer waits for a stop.</summary>
public sealed record TrainerLostPeer(long Epoch, int PeerRank) : TrainerMessage;

/// <summary>
/// Trainer → silo, the answer to <see cref="SiloStop"/> with its epoch: no capture of an earlier epoch is running, and none will
/// begin before a restore point of that epoch or a later one.
/// </summary>
public sealed record TrainerStopped(long Epoch) : TrainerMessage;

/// <summary>Trainer → silo: the last iteration is finished and committed; the process is about to exit by itself.</summary>
public sealed record TrainerFinished(long Epoch, long Iteration) : TrainerMessage;

/// <summary>Silo → trainer: leave the step and ask for a restore point.</summary>
/// <param name="Epoch">The epoch that begins: every earlier one is over. A trainer that already is in this one goes on.</param>
public sealed record SiloStop(long Epoch) : TrainerMessage;

/// <summary>Silo → trainer: every shard of this iteration has its m replicas.</summary>
public sealed record SiloCommitted(long Epoch, long Iteration) : TrainerMessage;

/// <summary>Silo → trainer: some rank skipped this iteration, so it will never be committed; its slot is free again.</summary>
public sealed record SiloAbandoned(long Epoch, long Iteration) : TrainerMessage;

/// <summary>Silo → trainer: a snapshot of this iteration, captured in this epoch, is complete in persistent storage.</summary>
public sealed record SiloPersisted(long Epoch, long Iteration) : TrainerMessage;

/// <summary>Silo → trainer: exit now; the host no longer belongs to the job, or it stops.</summary>
public sealed record SiloExit(string Reason) : TrainerMessage;

/// <summary>Silo → spare: the trainer before is gone and its lock is free; become the trainer.</summary>
public sealed record SiloTakeOver : TrainerMessage;
