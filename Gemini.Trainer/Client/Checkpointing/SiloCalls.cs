using Gemini.Interfaces.Grains;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// Repeats a call to the worker agent until the silo answers. A call is over as soon as the silo dies, because then no answer can come. The trainer
/// socket notices the death at once, the Orleans client only after its response time-out.
/// </summary>
internal sealed class SiloCalls(ISiloClient client, SiloConnection connection, GeminiOptions options)
{
    /// <summary>Repeats the call until there is an answer.</summary>
    public async Task<T> AskAsync<T>(Func<ITrainerService, Task<T>> call, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await AskOnceAsync(call, ct);
            }
            catch (SiloUnreachableException)
            {
                await Task.Delay(options.ReconnectInterval, options.TimeProvider, ct);
            }
        }
    }

    /// <summary>Repeats the call until the silo has acknowledged it.</summary>
    public Task TellAsync(Func<ITrainerService, Task> call, CancellationToken ct) => AskAsync(async target =>
    {
        await call(target);
        return true;
    }, ct);

    private async Task<T> AskOnceAsync<T>(Func<ITrainerService, Task<T>> call, CancellationToken ct)
    {
        var link = await connection.ConnectedAsync(ct);
        // A call that has begun reaches the silo, even if its token was cancelled before.
        ct.ThrowIfCancellationRequested();
        var answer = CallAsync(call);
        var first = await Task.WhenAny(answer, link.Lost).WaitAsync(options.CallTimeout * 2, options.TimeProvider, ct)
            .ContinueWith(task => task.IsCompletedSuccessfully ? task.Result : null, TaskScheduler.Default);
        if (first == answer) return await answer;
        _ = answer.ContinueWith(task => _ = task.Exception, TaskScheduler.Default);
        ct.ThrowIfCancellationRequested();
        throw new SiloUnreachableException(link.Lost.IsCompleted ? "The silo died during the call." : "The silo did not answer in time.");
    }

    private async Task<T> CallAsync<T>(Func<ITrainerService, Task<T>> call)
    {
        var agent = await client.AgentAsync();
        try
        {
            return await call(agent);
        }
        catch (Exception error) when (SiloUnreachableException.IsMeantBy(error))
        {
            throw new SiloUnreachableException(error.Message, error);
        }
    }
}
