namespace Gemini.Simulation.Engine;

/// <summary>
/// Something that can die. A dead process gets no events any more: its awaits never complete, so its methods stop at the await that they have
/// reached.
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

    /// <summary>Starts an activity of the process. An exception from it is a defect of the simulation or of the simulated code.</summary>
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
