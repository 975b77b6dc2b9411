using Gemini.Grains.Recovery;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Trainers;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Configuration;

/// <summary>
/// The limits of each room, for environments in which the defaults do not work, such as shards of several 100 GB. Each room has its own options. A
/// time is written in seconds, under the property's name plus "Seconds".
/// </summary>
public sealed record AdvancedConfiguration
{
    public HostMemoryOptions Memory { get; init; } = new();

    public ScrubOptions Scrub { get; init; } = new();

    public TransferOptions Transfer { get; init; } = new();

    public PersistenceOptions Storage { get; init; } = new();

    public TrainerLimits Trainer { get; init; } = new();

    public CoordinatorOptions Recovery { get; init; } = new();
}
