using System.Text.Json.Serialization;

namespace Gemini.Interfaces.Wire;

/// <summary>
/// A line on the unix socket between a trainer and its host's silo: one JSON object with its kind in <c>"type"</c>, ended by a line feed. Messages
/// are small and can be read from any language. The end of the connection means that the peer has ended.
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
/// <param name="LocalIndex">Which of the host's trainers it is, 0 to R-1.</param>
/// <param name="ProcessId">Operating system process id.</param>
/// <param name="RingEndpoint">"address:port" of its ring listener; may be empty for a trainer without one.</param>
/// <param name="Description">What it trains, for people.</param>
/// <param name="ParameterCount">Parameters of the whole model; 0 if unknown.</param>
/// <param name="TotalIterations">Iterations that it will run; 0 if open-ended.</param>
/// <param name="Rank">Its rank if it has one already (after a reconnect); else null.</param>
/// <param name="Epoch">The epoch whose restore point it loaded; 0 before the first.</param>
/// <param name="Iteration">The newest iteration it finished; 0 before the first.</param>
/// <param name="ShardBytes">Payload size of its shard; 0 until declared.</param>
/// <param name="Liveness">The <see cref="LivenessProtocol.Address"/> at which it answers liveness questions; empty if it answers none.</param>
/// <param name="Warm">Whether the process is warm, as <see cref="TrainerWarm"/> says it.</param>
/// <param name="EpochFloor">The newest epoch that it knows. It accepts no restore point of an earlier epoch. 0 before the first.</param>
/// <param name="Program">The value of <see cref="TrainerEnvironment.Program"/> when it was started; empty without one.</param>
/// <param name="Committed">The newest iteration of its epoch that it knows to be committed; 0 before the first.</param>
public sealed record TrainerHello(
    int Version, int LocalIndex, int ProcessId, string RingEndpoint, string Description, long ParameterCount, long TotalIterations,
    int? Rank, long Epoch, long Iteration, long ShardBytes, string Liveness = "", bool Warm = false, long EpochFloor = 0,
    string Program = "", long Committed = 0) : TrainerMessage;

/// <summary>
/// Trainer → silo, first line of a process that was started as a spare: it holds no lock and trains nothing. When the silo sends
/// <see cref="SiloTakeOver"/>, the spare ends this connection, takes the lock and sends a hello. If the connection ends before that, the spare exits.
/// </summary>
/// <param name="Version">Version of this protocol, <see cref="TrainerProtocol.Version"/>.</param>
/// <param name="LocalIndex">Which of the host's trainers it would become.</param>
/// <param name="Number">The value of <see cref="TrainerEnvironment.Spare"/>.</param>
public sealed record TrainerSpare(int Version, int LocalIndex, int Number) : TrainerMessage;

/// <summary>Trainer → silo: everything that a first iteration needs is loaded and compiled.</summary>
public sealed record TrainerWarm : TrainerMessage;

/// <summary>Trainer → silo: a capture has begun. From now on the silo may follow the watermark in the slot of this snapshot.</summary>
public sealed record TrainerCapturing(long Epoch, long Iteration) : TrainerMessage;

/// <summary>
/// Trainer → silo: an iteration is finished, its optimizer step included. <c>Busy</c>: milliseconds of the iteration in which the rank did not wait
/// for others; 0 if not known.
/// </summary>
public sealed record TrainerStep(long Epoch, long Iteration, double Loss, double Milliseconds, double Busy = 0) : TrainerMessage;

/// <summary>Trainer → silo: saves have begun to fail, fail for another reason, or work again. While saves fail, also sent after each hello.</summary>
/// <param name="Epoch">The epoch of the saves.</param>
/// <param name="Problem">Why the newest save produced no snapshot, for people; empty: saves work.</param>
public sealed record TrainerSaves(long Epoch, string Problem) : TrainerMessage;

/// <summary>Trainer → silo: the training loop begins or ends an announced pause between two iterations, such as an evaluation.</summary>
/// <param name="Epoch">The epoch that the trainer is in.</param>
/// <param name="Number">How many such lines this process has sent, this one included. It distinguishes two equal pauses in a row.</param>
/// <param name="Reason">What the loop does in the pause, for people; empty: the pause is over.</param>
/// <param name="LimitMilliseconds">The longest that the pause may take; 0: the pause is over.</param>
public sealed record TrainerBusy(long Epoch, long Number, string Reason, long LimitMilliseconds) : TrainerMessage;

/// <summary>Trainer → silo: the connection to a peer trainer broke. The trainer waits for a stop.</summary>
public sealed record TrainerLostPeer(long Epoch, int PeerRank) : TrainerMessage;

/// <summary>
/// Trainer → silo, the answer to <see cref="SiloStop"/>, with the same epoch: no capture of an earlier epoch runs, and none will begin. The next
/// capture belongs to that epoch or to a later one.
/// </summary>
public sealed record TrainerStopped(long Epoch) : TrainerMessage;

/// <summary>Trainer → silo: the last iteration is finished and committed; the process is about to exit by itself.</summary>
public sealed record TrainerFinished(long Epoch, long Iteration) : TrainerMessage;

/// <summary>Silo → trainer: stop the iteration and ask for a restore point.</summary>
/// <param name="Epoch">The epoch that begins. All earlier epochs are over. A trainer that is already in this epoch continues.</param>
public sealed record SiloStop(long Epoch) : TrainerMessage;

/// <summary>Silo → trainer: every shard of this iteration has its m replicas.</summary>
public sealed record SiloCommitted(long Epoch, long Iteration) : TrainerMessage;

/// <summary>Silo → trainer: some rank skipped this iteration, so it will never be committed. Its slot is free again.</summary>
public sealed record SiloAbandoned(long Epoch, long Iteration) : TrainerMessage;

/// <summary>Silo → trainer: a snapshot of this iteration, captured in this epoch, is complete in persistent storage.</summary>
public sealed record SiloPersisted(long Epoch, long Iteration) : TrainerMessage;

/// <summary>Silo → trainer: exit now. The reason says why: for example, the host stops, the job is finished, or the host's position has changed.</summary>
public sealed record SiloExit(string Reason) : TrainerMessage;

/// <summary>Silo → spare: the trainer has ended and its lock is free. Become the trainer.</summary>
public sealed record SiloTakeOver : TrainerMessage;
