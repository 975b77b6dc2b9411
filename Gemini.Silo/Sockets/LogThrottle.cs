namespace Gemini.Silo.Sockets;

/// <summary>Allows one log line per period and counts the others. For lines that strangers can cause as often as they like. Thread-safe.</summary>
internal sealed class LogThrottle(TimeProvider time, TimeSpan period)
{
    private readonly Lock _gate = new();
    private long? _lastTimestamp;
    private long _held;

    /// <summary>Whether to write the line now. <paramref name="held"/> is the number of lines that were left out since the last written one.</summary>
    public bool TryPass(out long held)
    {
        lock (_gate)
        {
            held = _held;
            if (_lastTimestamp is { } last && time.GetElapsedTime(last) < period)
            {
                _held++;
                return false;
            }

            (_lastTimestamp, _held) = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
