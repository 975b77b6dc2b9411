using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Checkpointing;

/// <content>The messages of the silo, and how an epoch and the session end.</content>
public sealed partial class GeminiSession
{
    /// <summary>
    /// In characters; enough for any sentence. A line of the protocol has a maximum length, but the message of a user's exception has none.
    /// </summary>
    private const int SaveProblemLength = 500;

    private bool _disposed;
    private bool _completed;

    /// <summary>The first messages to a silo: who this trainer is, and what the silo may have missed.</summary>
    private List<TrainerMessage> Hello()
    {
        lock (_gate)
        {
            _run?.Saves.SiloReturned();
            var hello = new TrainerHello(
                TrainerProtocol.Version, _options.LocalIndex, Environment.ProcessId, _options.RingEndpoint, _options.Description,
                _options.ParameterCount, _options.TotalIterations, _membership?.Rank.Value, _run?.Point.Epoch.Value ?? 0, _iteration,
                _image?.Layout.PayloadBytes ?? 0, _liveness?.Address ?? "", _options.Launch.Warm.IsCompletedSuccessfully,
                Math.Max(_epochFloor.Value, _asked.Value), _options.Launch.Program, _run?.Saves.Committed.Value ?? 0);
            List<TrainerMessage> said = [hello];
            if (_run is { Saves: { HasEnded: false, Problem.Length: > 0 } } run) said.Add(ToSaves(run));
            if (_pause is { } pause) said.Add(pause);
            if (_run is { LostPeer: { } lost }) said.Add(lost);
            return said;
        }
    }

    /// <summary>Tells the silo why saves fail, for the job's status. A later connection gets the reason after the hello.</summary>
    private void SaySaves()
    {
        lock (_gate)
        {
            // Send the present problem and not the one of the event: events of two threads may arrive in any order.
            if (_run is { Saves.HasEnded: false } run) _connection.Send(ToSaves(run));
        }
    }

    private static TrainerSaves ToSaves(Run run)
    {
        var problem = run.Saves.Problem;
        return new(run.Point.Epoch.Value, problem.Length > SaveProblemLength ? problem[..SaveProblemLength] + "…" : problem);
    }

    /// <summary>Tells the silo when this process is warm. The hello of a later connection contains it.</summary>
    private async Task SayWhenWarmAsync()
    {
        await _options.Launch.Warm.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_options.Launch.Warm.IsCompletedSuccessfully) _connection.Send(new TrainerWarm());
    }

    private void Received(TrainerMessage message)
    {
        switch (message)
        {
            case SiloStop stop:
                _ = StopAsync(new Epoch(stop.Epoch));
                break;
            case SiloCommitted committed:
                CurrentSaves(committed.Epoch)?.Commit(new Iteration(committed.Iteration));
                // A silo also says that nothing is committed yet. And not every job recovers from what is committed.
                if (committed.Iteration > 0 && _membership?.Job.Checkpoints().RecoversFromMemory == true) ForgetInitialState();
                break;
            case SiloAbandoned abandoned:
                CurrentSaves(abandoned.Epoch)?.Abandon(new Iteration(abandoned.Iteration));
                break;
            case SiloPersisted persisted:
                CurrentSaves(persisted.Epoch)?.Persist(new Iteration(persisted.Iteration));
                ForgetInitialState();
                break;
            case SiloExit exit:
                EndSession($"The silo said: {exit.Reason}");
                break;
        }
    }

    private EpochSaves? CurrentSaves(long epoch)
    {
        lock (_gate) return _run is { } run && run.Point.Epoch.Value == epoch ? run.Saves : null;
    }

    /// <summary>Ends every epoch before the given one. Answers the silo when no capture of these epochs runs.</summary>
    private async Task StopAsync(Epoch epoch)
    {
        Run? run;
        lock (_gate)
        {
            if (epoch > _epochFloor) _epochFloor = epoch;
            run = _run is { } current && current.Point.Epoch < epoch ? current : null;
        }

        if (run is not null) await EndRunAsync(run);
        _connection.Send(new TrainerStopped(epoch.Value));
    }

    private static async Task EndRunAsync(Run run)
    {
        var idle = run.Saves.End();
        // On another thread: the token's callbacks are user code and may be slow.
        _ = Task.Run(run.Ended.Cancel);
        await idle;
    }

    /// <summary>The trainer must exit. If the training loop does not leave in time, the session ends the process.</summary>
    private void EndSession(string reason)
    {
        Run? run;
        lock (_gate)
        {
            if (_overReason is not null || _completed) return;
            _overReason = reason;
            run = _run;
        }

        _options.Log($"{reason}. Exiting; the snapshots stay in host memory.");
        if (run is not null) _ = EndRunAsync(run);
        _ = Task.Run(_over.Cancel);
        _ = ExitLaterAsync();
    }

    private async Task ExitLaterAsync()
    {
        await Task.Delay(_options.ExitGrace, _options.TimeProvider);
        lock (_gate)
        {
            if (_disposed) return;
        }

        _options.ExitProcess(ExitCodeOfLostSession);
    }

    private void ThrowIfOver()
    {
        lock (_gate)
        {
            if (_overReason is { } reason) throw new SessionEndedException(reason);
        }
    }

    private async Task<T> AskAsync<T>(Func<ITrainerService, Task<T>> call, CancellationToken ct)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, _over.Token);
        try
        {
            return await _calls.AskAsync(call, both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            ThrowIfOver();
            throw;
        }
    }

    /// <summary>One epoch of this trainer.</summary>
    private sealed record Run(RestorePoint Point, MappedSegment[] Slots, CancellationTokenSource Ended) : IDisposable
    {
        public required EpochSaves Saves { get; init; }

        public TrainerLostPeer? LostPeer { get; set; }

        public void Dispose()
        {
            foreach (var slot in Slots) slot.Dispose();
        }
    }
}
