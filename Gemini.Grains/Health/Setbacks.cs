using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>
/// Remembers which hosts lost a position while they were present, so that a position does not go back and forth. A host with a setback is passed over
/// for a time that doubles with every setback. Pure: the caller gives the time, in milliseconds of any steady clock.
/// </summary>
internal sealed class Setbacks(HealthOptions options)
{
    private readonly Dictionary<HostName, Setback> _hosts = [];

    /// <summary>
    /// So long after the end of its last pause a host is forgiven: twice the longest pause. A bad host keeps a position until another host's pause is
    /// over, and a little longer, so the longest pause alone would forgive it for the time in which it held the position and could not do its part.
    /// </summary>
    private readonly double _memoryMilliseconds = 2 * options.SetbackPauseLimit.TotalMilliseconds;

    /// <summary>The host has lost a position. If its last pause ended long ago, earlier setbacks no longer count.</summary>
    public void Note(HostName host, string reason, long now)
    {
        var count = CountOf(host, now) + 1;
        var pause = (long)Math.Min(options.SetbackPauseLimit.TotalMilliseconds, options.SetbackPause.TotalMilliseconds * Math.Pow(2, count - 1));
        _hosts[host] = new Setback(count, pause, now + pause, reason);
    }

    /// <summary>The number of setbacks of the host that still count.</summary>
    public int CountOf(HostName host, long now) =>
        _hosts.TryGetValue(host, out var setback) && now - setback.Until <= _memoryMilliseconds ? setback.Count : 0;

    /// <summary>The host has a new silo process: the person who started it may have repaired the host.</summary>
    public void Forget(HostName host) => _hosts.Remove(host);

    /// <summary>Milliseconds until the host is no longer passed over; 0 if it is not passed over now.</summary>
    public long PauseLeft(HostName host, long now) =>
        _hosts.TryGetValue(host, out var setback) ? Math.Max(0, setback.Until - now) : 0;

    /// <summary>Why the host is passed over now, for people; null if it is not.</summary>
    public string? Explain(HostName host, long now) => PauseLeft(host, now) > 0
        ? $"it lost its position ({_hosts[host].Reason}) and is passed over for {_hosts[host].Pause / 1000} s"
        : null;

    private readonly record struct Setback(int Count, long Pause, long Until, string Reason);
}
