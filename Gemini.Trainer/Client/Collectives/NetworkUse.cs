using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>
/// The trainer's side of its network page. Without a page, which is so if no silo started the trainer or the page cannot be made, every call does
/// nothing. Any thread; allocates nothing.
/// </summary>
internal sealed class NetworkUse(NetworkPage? page, TimeProvider time) : IDisposable
{
    /// <summary>Opens the page. If that fails, it says so and training goes on: the silo then knows no idle time.</summary>
    /// <param name="path">The page; empty: there is none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Gets a line if the page cannot be used.</param>
    public static NetworkUse Open(string path, TimeProvider time, Action<string> log)
    {
        if (path.Length == 0) return new NetworkUse(null, time);
        try
        {
            return new NetworkUse(NetworkPage.OpenToWrite(path, NetworkPage.Nanoseconds(time)), time);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log($"The host cannot see when this trainer uses the network: {error.Message}");
            return new NetworkUse(null, time);
        }
    }

    public void Begin() => page?.BeginUse(NetworkPage.Nanoseconds(time));

    public void End() => page?.EndUse(NetworkPage.Nanoseconds(time));

    public void BeginIteration() => page?.BeginIteration(NetworkPage.Nanoseconds(time));

    public void Interrupt() => page?.Interrupt();

    public void Dispose() => page?.Dispose();
}
