using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>What the root agent knows about a host with a position, at one moment.</summary>
public readonly record struct HostObservation()
{
    public required HostName Host { get; init; }

    /// <summary>How long the host's silo has been away, in milliseconds; null while the host is present.</summary>
    public long? SiloLostForMilliseconds { get; init; }

    /// <summary>
    /// How long a trainer of the host has been reported as interrupted (it lost a peer), in milliseconds of the root agent's clock; null while none
    /// is.
    /// </summary>
    public long? InterruptedForMilliseconds { get; init; }

    /// <summary>
    /// The newest report of some trainer says that it lost its connection to one of this host's ranks. The trainer's epoch does not matter.
    /// </summary>
    public bool PeersLostIt { get; init; }

    /// <summary>Whether a trainer of a host whose silo is away answers probes; null while nobody knows, and for a present host.</summary>
    public bool? TrainersAnswer { get; init; }

    /// <summary>The host has handed this epoch's restore point to its trainers.</summary>
    public bool Running { get; init; }

    /// <summary>The directive is Run, and the host has prepared this epoch: its trainers were told to load, or are about to be told.</summary>
    public bool Resumes { get; init; }

    /// <summary>
    /// The address that peers were told for each trainer, by rank of the job. An empty text: the trainer has no address. Empty before peers were
    /// told.
    /// </summary>
    public ImmutableArray<string> RingEndpoints { get; init; } = [];

    /// <summary>The rank of this host's first trainer.</summary>
    public int FirstRank { get; init; }

    public ImmutableArray<TrainerReport> Trainers { get; init; } = [];
}
