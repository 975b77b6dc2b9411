using Gemini.Grains.Health;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Notices that a job makes no step, has its trainers probed, and names the trainers that block the job. Pure.</summary>
internal sealed class HangWatch(JobState state, HostRoster roster, TrainerProbes probes, JobProgress progress)
{
    private readonly SilenceWatch<(JobPhase Phase, long Iterations, int Loaded, int Finished, long Pauses)> _stillness = new();
    private readonly StuckRepeats _repeats = new();

    /// <summary>
    /// Since when the job is suspected to hang, Unix milliseconds; null while it is not. While it is suspected, its trainers are probed.
    /// </summary>
    public long? SuspectedAt { get; private set; }

    /// <summary>Steps are not overdue.</summary>
    public bool SeesSteps => _stillness.Quiet < state.Health.StuckFloor.TotalMilliseconds;

    /// <summary>An epoch begins.</summary>
    public void Reset()
    {
        _stillness.Reset();
        SuspectedAt = null;
    }

    /// <summary>The failure of a job that has made no step for too long, after its trainers were probed; null: no verdict yet.</summary>
    /// <param name="pace">How far the ranks are.</param>
    /// <param name="mayBegin">Whether a new epoch may begin now: a verdict counts once.</param>
    /// <param name="now">Unix milliseconds.</param>
    public Failure? Evaluate(in TrainingPace pace, bool mayBegin, long now)
    {
        _stillness.Look((state.Phase, pace.Iterations, pace.Current, pace.Finished, pace.Pauses), now);
        var restored = state.Record.Restore?.Iteration ?? default;
        var reached = pace.Current == state.Job.WorldSize ? pace.Oldest : restored;
        _repeats.Progress(reached);
        var (limit, loads) = Limit(pace);
        if (_stillness.Quiet < limit.TotalMilliseconds)
        {
            SuspectedAt = null;
            return null;
        }

        var suspectedAt = SuspectedAt ??= now;
        var trainers = roster.Trainers();
        var ranks = Enumerable.Range(0, state.Job.WorldSize).Select(rank => Observe(new Rank(rank), trainers[rank], suspectedAt)).ToList();
        if (ranks.Contains(null) || !mayBegin) return null;
        var (culprits, reason) = StuckClassifier.Evaluate([.. ranks.Select(rank => rank!.Value)]);
        Invariant.Check(!culprits.IsEmpty, "a hang verdict names no rank");
        _repeats.Verdict(reached, limit, SettingOf(loads));
        var advice = _repeats.Advice.Length > 0 ? $". {_repeats.Advice}" : "";
        return new Failure(
            FailureKind.Software,
            [.. culprits.Select(culprit => culprit.Host).Distinct()],
            [],
            now - _stillness.Quiet,
            $"no rank has finished a step for {_stillness.Quiet} ms{PausesOf(trainers)}: {reason}{advice}");
    }

    /// <summary>What a job in phase Resuming waits for, with the advice about hangs that repeat.</summary>
    public string DescribeResuming()
    {
        var trainers = roster.Trainers();
        bool Loads(TrainerReport? trainer) => trainer?.Epoch != state.Record.Epoch || trainer.State == TrainerState.Loading;
        var loading = Enumerable.Range(0, trainers.Length).Where(rank => Loads(trainers[rank])).Select(rank => $"{rank}");
        var what = Phrases.Some([.. loading]) is { Length: > 0 } ranks
            ? $"waiting for rank {ranks} to load"
            : "waiting for every rank to finish its first iteration";
        return _repeats.Advice.Length > 0 ? $"{what}. {_repeats.Advice}" : what;
    }

    /// <summary>The pauses that trainers have announced, for the reason of a verdict; empty: none.</summary>
    private string PausesOf(TrainerReport?[] trainers) => string.Concat(trainers.OfType<TrainerReport>()
        .Where(trainer => trainer.Epoch == state.Record.Epoch && trainer.PauseReason.Length > 0)
        .Select(trainer => $" (a trainer announced a pause of at most {trainer.PauseLimitMilliseconds} ms for {trainer.PauseReason})")
        .Distinct());

    /// <summary>What is known of a rank; null while its probe has no answer yet.</summary>
    private StuckObservation? Observe(Rank rank, TrainerReport? trainer, long suspectedAt)
    {
        var host = state.Record.Assignment[state.Job.PositionOf(rank).Value];
        var address = trainer?.State == TrainerState.Finished ? "" : probes.AddressOf(rank);
        var answer = address.Length == 0 || host is null ? ProbeAnswer.Alive : probes.AnswerSince(address, suspectedAt);
        return answer is { } known ? new StuckObservation(rank, host ?? default, trainer?.Iteration ?? default, known) : null;
    }

    /// <summary>
    /// How long the job may make no step before that counts as a hang, and whether this is the limit for loading. Loading, the first iteration and
    /// the last commit are not ordinary iterations: they use the limit for loading. Both limits grow while verdicts bring no progress. If a trainer
    /// announced a pause, the limit is at least as long as that pause, because the other ranks wait for that trainer.
    /// </summary>
    private (TimeSpan Limit, bool Loads) Limit(in TrainingPace pace)
    {
        var median = progress.IterationMilliseconds;
        var loads = state.Phase == JobPhase.Resuming || median == 0 || pace.AnyCurrentIsAtTheEnd;
        // The root agent's clock counts whole milliseconds.
        var floor = Math.Floor((loads ? LoadLimit : state.Health.StuckFloor).TotalMilliseconds);
        var limit = Math.Max(floor, state.Health.StuckMultiple * median) * _repeats.Factor;
        return (TimeSpan.FromMilliseconds(Math.Max(pace.PauseLimitMilliseconds, limit)), loads);
    }

    /// <summary>Loading takes longer for larger shards.</summary>
    private TimeSpan LoadLimit
    {
        get
        {
            var memory = new PositionMemory(state.Job, state.Placement, state.Record.ShardBytes);
            var ownBytes = Enumerable.Range(0, state.Job.HostCount).Max(position => memory.OwnBytesOf(new HostPosition(position)));
            return new StepLimits(state.Health, roster.MeasuredRates()).Load(ownBytes);
        }
    }

    /// <summary>The setting that the limit comes from, with its value.</summary>
    private string SettingOf(bool loads) => loads
        ? $"health.loadLimitSeconds ({state.Health.LoadLimit.TotalSeconds:0.#})"
        : $"health.stuckFloorSeconds ({state.Health.StuckFloor.TotalSeconds:0.#})"
            + $" or health.stuckMultiple ({state.Health.StuckMultiple:0.#})";
}
