using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>
/// For how long something has been so of each host, without a break. Pure: it is told the time, in milliseconds of any
/// steady clock.
/// </summary>
/// <typeparam name="T">What is so. Another value begins anew.</typeparam>
internal sealed class StandingWatch<T>
    where T : struct
{
    private readonly Dictionary<HostName, (T What, long Since)> _hosts = [];

    /// <summary>Takes in what is so now; null: nothing is.</summary>
    public void Look(HostName host, T? what, long now)
    {
        if (what is not { } value)
        {
            if (_hosts.Count > 0) _hosts.Remove(host);
            return;
        }

        Invariant.Check(!_hosts.TryGetValue(host, out var earlier) || earlier.Since <= now, $"what is so of host {host} is so from later than now");
        var isKnown = _hosts.TryGetValue(host, out var known) && EqualityComparer<T>.Default.Equals(known.What, value);
        if (!isKnown) _hosts[host] = (value, now);
    }

    /// <summary>Milliseconds since it is so; null when it is not.</summary>
    public long? For(HostName host, long now) => _hosts.TryGetValue(host, out var known) ? now - known.Since : null;

    /// <summary>What is so; null: nothing.</summary>
    public T? Of(HostName host) => _hosts.TryGetValue(host, out var known) ? known.What : null;

    /// <summary>Nothing is so of any host.</summary>
    public void Clear() => _hosts.Clear();
}
