using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.GrainDirectory;

namespace Gemini.Grains.Hosting;

/// <summary>
/// This silo's activations that must be unique in the cluster. Orleans writes an activation into the grain directory when the activation starts, and
/// never again. If the directory loses the entry, the next call from a silo that does not know the activation starts a second one. So this class
/// writes a lost entry again. If the directory already names another activation, the one here ends. Thread-safe.
/// </summary>
public sealed partial class DirectoryEntries(ILogger<DirectoryEntries> logger)
{
    private readonly ConcurrentDictionary<IGrainContext, bool> _activations = [];

    /// <summary>Call it when the activation has started.</summary>
    public void Add(IGrainContext activation) => _activations.TryAdd(activation, true);

    /// <summary>Call it when the activation ends, before Orleans removes it from the directory.</summary>
    public void Remove(IGrainContext activation) => _activations.TryRemove(activation, out _);

    /// <summary>Compares every activation with its entry. One caller at a time.</summary>
    /// <exception cref="OrleansException">The directory does not answer.</exception>
    public async Task CheckAsync(IGrainDirectory directory)
    {
        foreach (var activation in _activations.Keys) await CheckAsync(directory, activation);
    }

    /// <summary>Whether callers are sent to another activation. If the directory has no entry, this activation is entered.</summary>
    /// <exception cref="OrleansException">The directory does not answer.</exception>
    public async Task<bool> IsReplacedAsync(IGrainDirectory directory, IGrainContext activation) => await ReplacementOfAsync(directory, activation) is not null;

    private async Task CheckAsync(IGrainDirectory directory, IGrainContext activation)
    {
        if (await ReplacementOfAsync(directory, activation) is not { } other) return;
        LogReplaced(other.GrainId, other.SiloAddress);
        activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "The grain directory has another activation."));
    }

    /// <summary>The other activation that the directory names in place of this one; null if it names this one, or none.</summary>
    private async Task<GrainAddress?> ReplacementOfAsync(IGrainDirectory directory, IGrainContext activation)
    {
        var own = activation.Address;
        var entry = await directory.Lookup(own.GrainId);
        if (entry is null && _activations.ContainsKey(activation))
        {
            entry = await directory.Register(own, null);
            if (!_activations.ContainsKey(activation))
            {
                // The activation ended meanwhile, and Orleans may have removed its entry before this one was written.
                await directory.Unregister(own);
                return null;
            }

            if (IsOwn(own, entry)) LogRegistered(own.GrainId);
        }

        return IsOwn(own, entry) ? null : entry;
    }

    private static bool IsOwn(GrainAddress own, GrainAddress? entry) => entry is not null && entry.ActivationId.Equals(own.ActivationId);

    [LoggerMessage(EventIds.DirectoryEntryRegistered, LogLevel.Warning, "The grain directory had lost the entry of {Grain}; the entry is written again")]
    private partial void LogRegistered(GrainId grain);

    [LoggerMessage(EventIds.DirectoryEntryReplaced, LogLevel.Warning,
        "The grain directory has another activation of {Grain}, on {Silo}; the activation on this silo ends")]
    private partial void LogReplaced(GrainId grain, SiloAddress? silo);
}
