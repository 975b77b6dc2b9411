using System.Diagnostics.CodeAnalysis;

namespace Gemini.Grains.Hosts;

/// <summary>Wakes one waiting loop. Any number of <see cref="Set"/>s before the loop looks are one; none is lost.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim without its wait handle holds nothing to dispose of.")]
public sealed class Signal
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);

    public void Set()
    {
        lock (_semaphore)
        {
            if (_semaphore.CurrentCount == 0) _semaphore.Release();
        }
    }

    /// <summary>Returns when set or when the time is over.</summary>
    public Task WaitAsync(TimeSpan limit, CancellationToken ct) => _semaphore.WaitAsync(limit, ct);
}
