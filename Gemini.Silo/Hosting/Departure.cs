using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Hosting;

/// <summary>
/// Decides when this host ends, and with what exit code: at the end of the job, if the configuration says so, or when the host is told to stop. A
/// host that is told to stop first asks the root agent. If every host of the job was told to stop, the root agent has the newest snapshot brought to
/// storage.
/// </summary>
internal sealed partial class Departure(HostConfiguration configuration, HostState state, TimeProvider time, ILogger<Departure> logger)
{
    /// <summary>A running root agent answers a report within this time. Without storage there is nothing else to wait for.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    /// <summary>How long a host that is told to stop waits for the root agent's directive.</summary>
    public static TimeSpan LimitOf(HostConfiguration configuration) =>
        configuration.Storage is { } storage ? TimeSpan.FromSeconds(storage.StopSeconds) : AnswerLimit;

    /// <summary>Returns the exit code once the host should end.</summary>
    /// <param name="signals">What the process is told.</param>
    /// <param name="ended">The host ends for another reason.</param>
    public async Task<int> WaitAsync(StopSignals signals, CancellationToken ended)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop, signals.Restart, ended);
        var word = await HeardAsync(leave => EndsWithTheJob(leave.Cause), Timeout.InfiniteTimeSpan, stop.Token);
        if (signals.Restart.IsCancellationRequested) LogRestart();
        else if (signals.Stop.IsCancellationRequested) return await AskAsync(signals.Hurry);
        if (word is null) return ExitCodes.Success;
        LogJobEnded(word.Reason);
        return CodeOf(word.Cause);
    }

    private bool EndsWithTheJob(LeaveCause cause) =>
        configuration.WhenCompleted == WhenCompleted.Exit && cause is LeaveCause.Completed or LeaveCause.Failed;

    private async Task<int> AskAsync(CancellationToken hurry)
    {
        if (hurry.IsCancellationRequested) return ExitCodes.Success;
        var limit = LimitOf(configuration);
        if (configuration.Storage is { } storage) LogAsks(limit.TotalSeconds, storage.Directory);
        else LogMemoryOnly(configuration.Paths.Directory);
        state.Leave();
        var word = await HeardAsync(_ => true, limit, hurry);
        if (configuration.Storage is null || state.Directive.Position is null || word is { Cause: not LeaveCause.NotSaved })
        {
            if (word is not null) LogMayLeave(word.Reason);
            return word is null ? ExitCodes.Success : CodeOf(word.Cause);
        }

        var why = word?.Reason ?? (hurry.IsCancellationRequested ? "it was told to stop at once" : $"it took longer than {limit.TotalSeconds:0.#} s");
        var (committed, persisted) = (state.Committed, state.Directive.Persisted?.Iteration ?? default);
        if (committed > persisted) LogNotSaved(committed, persisted, why, configuration.Paths.Directory);
        return committed > persisted ? ExitCodes.NotSaved : ExitCodes.Success;
    }

    private static int CodeOf(LeaveCause cause) => cause switch
    {
        LeaveCause.Failed => ExitCodes.Failed,
        LeaveCause.NotSaved => ExitCodes.NotSaved,
        _ => ExitCodes.Success,
    };

    /// <summary>Waits for a directive of the root agent that counts. Null: none came in time.</summary>
    private async Task<LeaveDirective?> HeardAsync(Func<LeaveDirective, bool> counts, TimeSpan limit, CancellationToken ct)
    {
        var heard = new TaskCompletionSource<LeaveDirective>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (state.Directive.Leave is { } word && counts(word)) heard.TrySetResult(word);
        }

        state.Changed += Look;
        try
        {
            Look();
            return await heard.Task.WaitAsync(limit, time, ct);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            return null;
        }
        finally
        {
            state.Changed -= Look;
        }
    }

    [LoggerMessage(EventIds.DepartureAsks, LogLevel.Information,
        "Told to stop. If all hosts are told to stop, the host first waits until the newest snapshot is in {Directory}, for at most {Seconds:0.#} s; "
            + "a second signal ends the wait")]
    private partial void LogAsks(double seconds, string directory);

    [LoggerMessage(EventIds.MemoryOnly, LogLevel.Information,
        "Told to stop. The job has no storage: its snapshots are only in {Directory}, and a restart of the machine loses them")]
    private partial void LogMemoryOnly(string directory);

    [LoggerMessage(EventIds.MayLeave, LogLevel.Information, "The host stops: {Reason}")]
    private partial void LogMayLeave(string reason);

    [LoggerMessage(EventIds.NotSaved, LogLevel.Error,
        "The host stops, and iteration {Committed} is not in storage (the newest there is {Persisted}): {Reason}. "
        + "It is in {Directory} until the machine restarts")]
    private partial void LogNotSaved(Iteration committed, Iteration persisted, string reason, string directory);

    [LoggerMessage(EventIds.JobEnded, LogLevel.Information, "The job has ended, so this host ends: {Reason}")]
    private partial void LogJobEnded(string reason);

    [LoggerMessage(EventIds.DepartureRestart, LogLevel.Information, "The silo ends and leaves its trainers to the next silo of this host")]
    private partial void LogRestart();
}
