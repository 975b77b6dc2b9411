using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.GrainDirectory;

namespace Gemini.Grains.Hosting;

/// <summary>
/// The activations of this silo of which there is to be one in the cluster. Orleans writes an activation into the grain directory when it
/// comes up, and never again; if the directory has lost it, the next caller who does not know it brings up a second one. So it is written
/// again; and if another one is written there already, this one leaves. Thread-safe.
/// </summary>
public sealed partial class DirectoryEntries(ILogger<DirectoryEntries> logger)
{
    private readonly ConcurrentDictionary<IGrainContext, bool> _activations = [];

    /// <summary>To be called when the activation is up.</summary>
    public void Add(IGrainContext activation) => _activations.TryAdd(activation, true);

    /// <summary>To be called when the activation goes down, before Orleans takes it out of the directory.</summary>
    public void Remove(IGrainContext activation) => _activations.TryRemove(activation, out _);

    /// <summary>Compares every activation with its entry. One caller at a time.</summary>
    /// <exception cref="OrleansException">The directory does not answer.</exception>
    public async Task CheckAsync(IGrainDirectory directory)
    {
        foreach (var activation in _activations.Keys) await CheckAsync(directory, activation);
    }

    /// <summary>Whether another activation is the one that callers are sent to. If none is, this one is from now on.</summary>
    /// <exception cref="OrleansException">The directory does not answer.</exception>
    public async Task<bool> IsReplacedAsync(IGrainDirectory directory, IGrainContext activation) => await ReplacementOfAsync(directory, activation) is not null;

    private async Task CheckAsync(IGrainDirectory directory, IGrainContext activation)
    {
        if (await ReplacementOfAsync(directory, activation) is not { } other) return;
        LogReplaced(other.GrainId, other.SiloAddress);
        activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "The grain directory has another activation."));
    }

    /// <summary>The other activation that the directory has in the place of this one; null if it has this one, or none.</summary>
    private async Task<GrainAddress?> ReplacementOfAsync(IGrainDirectory directory, IGrainContext activation)
    {
        var own = activation.Address;
        var entry = await directory.Lookup(own.GrainId);
        if (entry is null && _activations.ContainsKey(activation))
        {
            entry = await directory.Register(own, null);
            if (!_activations.ContainsKey(activation))
            {
                // It went down meanwhile, and Orleans may have taken it out before it was written.
                await directory.Unregister(own);
                return null;
            }

            if (IsOwn(own, entry)) LogRegistered(own.GrainId);
        }

        return IsOwn(own, entry) ? null : entry;
    }

    private static bool IsOwn(GrainAddress own, GrainAddress? entry) => entry is not null && entry.ActivationId.Equals(own.ActivationId);

    [LoggerMessage(2010, LogLevel.Warning, "The grain directory has lost {Grain}; it is written again")]
    private partial void LogRegistered(GrainId grain);

    [LoggerMessage(2011, LogLevel.Warning, "The grain directory has another activation of {Grain}, on {Silo}; the one here leaves")]
    private partial void LogReplaced(GrainId grain, SiloAddress? silo);
}
