using System.Net;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

/// <summary>All ranks of a ring in this process, each with its own listener and, while it works, with its own thread.</summary>
internal sealed class TestRings : IDisposable
{
    /// <summary>Long enough for the slowest machine; reached only if something hangs.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly RingListener[] _listeners;

    private TestRings(RingListener[] listeners, Ring[] rings) => (_listeners, Rings) = (listeners, rings);

    public Ring[] Rings { get; }

    public static JobSecret Secret { get; } = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    public static RingListener[] Listeners(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new RingListener(IPAddress.Loopback))];

    public static async Task<TestRings> ConnectAsync(int worldSize, long epoch = 1)
    {
        var listeners = Listeners(worldSize);
        using var limit = new CancellationTokenSource(Limit);
        return new(listeners, await ConnectAsync(listeners, epoch, limit.Token));
    }

    public static Task<Ring[]> ConnectAsync(RingListener[] listeners, long epoch, CancellationToken cancellationToken) =>
        Task.WhenAll(listeners.Select((_, rank) => ConnectAsync(listeners, rank, epoch, Secret, cancellationToken)));

    public static Task<Ring> ConnectAsync(
        RingListener[] listeners, int rank, long epoch, JobSecret secret, CancellationToken cancellationToken) =>
        Ring.ConnectAsync(
            listeners[rank], [.. listeners.Select(listener => listener.Endpoint)], rank, epoch, secret, cancellationToken);

    /// <summary>Runs <paramref name="work"/> for every rank at once; fails with the first rank's exception.</summary>
    public Task<T[]> OnAllAsync<T>(Func<Ring, T> work) =>
        Task.WhenAll(Rings.Select(ring => OnThreadAsync(() => work(ring)))).WaitAsync(Limit);

    public Task OnAllAsync(Action<Ring> work) => OnAllAsync(ring => { work(ring); return true; });

    public static Task<T> OnThreadAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        foreach (var ring in Rings) ring.Dispose();
        foreach (var listener in _listeners) listener.Dispose();
    }
}
