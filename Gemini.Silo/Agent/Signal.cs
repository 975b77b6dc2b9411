namespace Gemini.Silo.Agent;

/// <summary>
/// Wakes one waiting loop. Any number of <see cref="Set"/>s before the loop looks are one; none is lost.
/// </summary>
internal sealed class Signal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);

    public void Set()
    {
        try
        {
            if (_semaphore.CurrentCount == 0) _semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread set it in between: it is set, which is all that was asked for.
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended; there is nobody to wake.
        }
    }

    /// <summary>Returns when set or when the time is over.</summary>
    public Task WaitAsync(TimeSpan limit, CancellationToken ct) => _semaphore.WaitAsync(limit, ct);

    public void Dispose() => _semaphore.Dispose();
}
