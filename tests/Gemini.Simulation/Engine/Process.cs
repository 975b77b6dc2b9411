namespace Gemini.Simulation.Engine;

/// <summary>
/// Something that can die. A dead process hears of nothing any more: what it waits for never comes, so its methods simply end
/// where they stand.
/// </summary>
internal abstract class Process(EventLoop loop, Action<Exception> failed)
{
    private bool _ended;

    public virtual bool Alive => !_ended;

    public void End() => _ended = true;

    public Task Delay(long milliseconds)
    {
        var source = new TaskCompletionSource();
        loop.Schedule(milliseconds, () =>
        {
            if (Alive) source.SetResult();
        });
        return source.Task;
    }

    /// <summary>Starts an activity of the process. What it throws is a defect of the simulation or of what is simulated.</summary>
    public async void Launch(Func<Task> activity)
    {
        try
        {
            await activity();
        }
        catch (Exception error)
        {
            failed(error);
        }
    }
}
