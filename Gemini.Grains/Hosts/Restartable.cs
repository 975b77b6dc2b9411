namespace Gemini.Grains.Hosts;

/// <summary>Work that a newer order cancels and replaces. <see cref="Cancel"/> may be called from any thread.</summary>
public sealed class Restartable : IDisposable
{
    private CancellationTokenSource _work = new();

    /// <summary>New work begins. Its token ends with <paramref name="ct"/>, or at the next <see cref="Cancel"/>.</summary>
    public CancellationToken Begin(CancellationToken ct)
    {
        var work = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Interlocked.Exchange(ref _work, work).Dispose();
        return work.Token;
    }

    /// <summary>Cancels the work that runs, if any.</summary>
    public void Cancel()
    {
        try
        {
            Volatile.Read(ref _work).Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The next work has just begun, and knows the newer order.
        }
    }

    public void Dispose() => _work.Dispose();
}
