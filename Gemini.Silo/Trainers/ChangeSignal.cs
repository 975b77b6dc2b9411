namespace Gemini.Silo.Trainers;

/// <summary>
/// Wakes whoever waits for a change. Take <see cref="Next"/> before looking at the state, so that no change is missed.
/// </summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = New();

    public Task Next => Volatile.Read(ref _next).Task;

    public void Raise() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
