using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>
/// Remembers which hosts lost a position although they lived, so that a position does not go back and forth. A host
/// with a setback is passed over for a while that doubles with every setback. Pure: it is told the time, in
/// milliseconds of any steady clock.
/// </summary>
internal sealed class Setbacks(HealthOptions options)
{
    private readonly Dictionary<HostName, Setback> _hosts = [];

    /// <summary>
    /// The host has lost a position. A setback that is over for as long as the longest pause no longer counts.
    /// </summary>
    public void Note(HostName host, string reason, long now)
    {
        var count = CountOf(host, now) + 1;
        var pause = (long)Math.Min(options.SetbackPauseLimit.TotalMilliseconds, options.SetbackPause.TotalMilliseconds * Math.Pow(2, count - 1));
        _hosts[host] = new Setback(count, pause, now + pause, reason);
    }

    /// <summary>How often the host lost a position, as far as it still counts.</summary>
    public int CountOf(HostName host, long now) =>
        _hosts.TryGetValue(host, out var setback) && now - setback.Until <= options.SetbackPauseLimit.TotalMilliseconds ? setback.Count : 0;

    /// <summary>A new silo process of the host: whoever started it may have mended the host.</summary>
    public void Forget(HostName host) => _hosts.Remove(host);

    /// <summary>Milliseconds until the host is no longer passed over; 0 when it is not.</summary>
    public long PauseLeft(HostName host, long now) =>
        _hosts.TryGetValue(host, out var setback) ? Math.Max(0, setback.Until - now) : 0;

    /// <summary>Why the host is passed over, for people; null when it is not.</summary>
    public string? Explain(HostName host, long now) => PauseLeft(host, now) > 0
        ? $"it lost its position ({_hosts[host].Reason}) and is passed over for {_hosts[host].Pause / 1000} s"
        : null;

    private readonly record struct Setback(int Count, long Pause, long Until, string Reason);
}
