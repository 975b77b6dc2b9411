using Gemini.Grains.Scheduling;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Transfer;

/// <summary>
/// Compares the iterations in which this host sends replicas with those in which it sends none, and holds replicas back while they cost training more
/// than is tolerated.
/// </summary>
/// <remarks>Thread-safe. No method waits.</remarks>
/// <param name="options">The tolerated cost.</param>
/// <param name="time">The clock, the same as the trainers'.</param>
/// <param name="logger">The log.</param>
internal sealed partial class TrafficFeedback(TransferOptions options, TimeProvider time, ILogger<TrafficFeedback> logger)
{
    /// <summary>How many times of sending are remembered: some for each iteration that a network page keeps.</summary>
    private const int SendingsMax = 4 * NetworkPage.IterationSlots;

    private readonly Lock _gate = new();
    private readonly Queue<(long Begin, long End)> _sendings = new();
    private TrafficCost _cost = new();
    private TrafficThrottle _throttle;
    private int _running;
    private long _since;
    private long _forgotten = long.MinValue;

    /// <summary>How far replicas are held back at present.</summary>
    public TrafficThrottle Throttle
    {
        get { lock (_gate) return _throttle; }
    }

    /// <summary>The share of an iteration that replicas cost; null: not known yet.</summary>
    public double? Cost
    {
        get { lock (_gate) return _cost.Share; }
    }

    /// <summary>How many replicas are being sent now.</summary>
    public int Sending
    {
        get { lock (_gate) return _running; }
    }

    /// <summary>A replica is being sent from now on, until <see cref="EndSending"/>. Several may be at the same time.</summary>
    public void BeginSending()
    {
        lock (_gate)
        {
            if (_running++ == 0) _since = NetworkPage.Nanoseconds(time);
        }
    }

    /// <summary>A replica is not being sent any more.</summary>
    public void EndSending()
    {
        lock (_gate)
        {
            if (--_running > 0) return;
            _sendings.Enqueue((_since, NetworkPage.Nanoseconds(time)));
            if (_sendings.Count > SendingsMax) _forgotten = _sendings.Dequeue().End;
        }
    }

    /// <summary>An iteration has ended. To be called for each one, in their order.</summary>
    public void Ended(NetworkIteration iteration)
    {
        TrafficThrottle before, after;
        double? cost;
        lock (_gate)
        {
            _cost = _cost.With(iteration.Duration, IsBaseline(iteration));
            (before, after, cost) = (_throttle, _throttle.Next(_cost, options.TrainingTolerance), _cost.Share);
            if (after == before) return;
            // The pairs so far were measured with the other throttle.
            (_throttle, _cost) = (after, new TrafficCost());
        }

        LogThrottle(cost ?? 0, options.TrainingTolerance, after.SpanShare, after.RateShare);
    }

    /// <summary>Training was interrupted.</summary>
    public void Interrupted()
    {
        lock (_gate) _cost = _cost.Interrupted();
    }

    /// <summary>Whether no replica was sent in the iteration. If that is not known any more, it is none.</summary>
    private bool IsBaseline(NetworkIteration iteration)
    {
        var (from, to) = (iteration.Begin, iteration.Begin + (iteration.Duration.Ticks * TimeSpan.NanosecondsPerTick));
        if (from < _forgotten || (_running > 0 && _since < to)) return false;
        return !_sendings.Any(sending => sending.Begin < to && sending.End > from);
    }

    [LoggerMessage(EventIds.TrafficThrottled, LogLevel.Warning,
        "Replicas make an iteration {Cost:P1} longer, {Tolerance:P1} are tolerated. From now on they use {SpanShare:P0} of the usable idle time, at "
        + "{RateShare:P0} of the path's rate.")]
    private partial void LogThrottle(double cost, double tolerance, double spanShare, double rateShare);
}
