using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>
/// Since when each host has had the same value without a break. Pure: the caller gives the time, in milliseconds of any steady clock.
/// </summary>
/// <typeparam name="T">The type of the value. When the value of a host changes, its time begins anew.</typeparam>
internal sealed class StandingWatch<T>
    where T : struct
{
    private readonly Dictionary<HostName, (T What, long Since)> _hosts = [];

    /// <summary>Takes in the value of a host now; null: it has none.</summary>
    public void Look(HostName host, T? what, long now)
    {
        if (what is not { } value)
        {
            if (_hosts.Count > 0) _hosts.Remove(host);
            return;
        }

        Invariant.Check(!_hosts.TryGetValue(host, out var earlier) || earlier.Since <= now, $"the value of host {host} is newer than now");
        var isKnown = _hosts.TryGetValue(host, out var known) && EqualityComparer<T>.Default.Equals(known.What, value);
        if (!isKnown) _hosts[host] = (value, now);
    }

    /// <summary>Milliseconds for which the host has had its value; null if it has none.</summary>
    public long? For(HostName host, long now) => _hosts.TryGetValue(host, out var known) ? now - known.Since : null;

    /// <summary>The value of a host; null: it has none.</summary>
    public T? Of(HostName host) => _hosts.TryGetValue(host, out var known) ? known.What : null;

    /// <summary>Forgets the values of all hosts.</summary>
    public void Clear() => _hosts.Clear();
}
