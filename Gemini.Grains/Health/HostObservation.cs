using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>What the root agent knows of a host that has a position, at one moment.</summary>
public readonly record struct HostObservation()
{
    public required HostName Host { get; init; }

    /// <summary>Since when the host is without a live silo, in milliseconds; null while it has one.</summary>
    public long? SiloLostForMilliseconds { get; init; }

    /// <summary>Since when a trainer of the host is without a peer, in milliseconds of the root agent's clock; null while none is.</summary>
    public long? InterruptedForMilliseconds { get; init; }

    /// <summary>A trainer on another host lost its connection to one of this host's ranks in this epoch.</summary>
    public bool PeersLostIt { get; init; }

    /// <summary>Whether trainers of a host without a silo answer when they are asked themselves; null while nobody knows.</summary>
    public bool? TrainersAnswer { get; init; }

    /// <summary>The host has handed this epoch's restore point to its trainers.</summary>
    public bool Running { get; init; }

    /// <summary>The host has everything that this epoch resumes from, and its trainers were told or are being told to.</summary>
    public bool Resumes { get; init; }

    /// <summary>By rank of the job, where peers were told that they reach each trainer; empty before they were, or an empty text: nowhere.</summary>
    public ImmutableArray<string> RingEndpoints { get; init; } = [];

    /// <summary>The rank of this host's first trainer.</summary>
    public int FirstRank { get; init; }

    public ImmutableArray<TrainerReport> Trainers { get; init; } = [];
}
