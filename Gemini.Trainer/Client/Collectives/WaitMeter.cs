namespace Gemini.Trainer.Client.Collectives;

/// <summary>
/// How long this rank has waited for others, over all epochs. The rest of an iteration is the rank's own work. It distinguishes a slow host from the
/// hosts that wait for it. Written by the thread that calls the collectives; any thread may read it.
/// </summary>
public sealed class WaitMeter
{
    private readonly TimeProvider _time;
    private long _waited;
    private int _depth;

    internal WaitMeter(TimeProvider time) => _time = time;

    /// <summary>Whether the rank is in a collective now or is connecting to its neighbours.</summary>
    public bool IsWaiting => Volatile.Read(ref _depth) > 0;

    /// <summary>Time in which nothing could be sent or received. Only grows.</summary>
    public TimeSpan Total => TimeSpan.FromSeconds((double)Interlocked.Read(ref _waited) / _time.TimestampFrequency);

    internal void Enter() => Interlocked.Increment(ref _depth);

    internal void Leave() => Interlocked.Decrement(ref _depth);

    /// <summary>The instant at which a wait begins, for <see cref="AddSince"/>.</summary>
    internal long Begin() => _time.GetTimestamp();

    internal void AddSince(long begun) => Interlocked.Add(ref _waited, _time.GetTimestamp() - begun);
}
