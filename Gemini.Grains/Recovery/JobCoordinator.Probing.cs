using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// Asking trainers whether they live: the second witness for a host without a silo, and for a job that makes no step.
public sealed partial class JobCoordinator
{
    /// <summary>While a host is without a silo, or its reports are overdue, its trainers are asked this often, in milliseconds.</summary>
    private const long AskPeriod = 1000;

    /// <summary>
    /// Hosts report every second. By the time that the cluster has found one that does not dead, its trainers' answers are there.
    /// </summary>
    private const long ReportOverdue = 1200;

    /// <summary>
    /// An answer comes in less, and be it that there is none. A question of which nothing is heard for longer was never put: the
    /// record could not be written after it was decided on.
    /// </summary>
    private const long AnswerLimit = 10_000;

    private readonly Dictionary<string, Probe> _probes = [];
    private readonly SilenceWatch<(JobPhase Phase, long Iterations, int Loaded, int Finished, long Pauses)> _stillness = new();
    private readonly StuckRepeats _stuckRepeats = new();
    private long? _suspectedAt;

    /// <summary>Takes in what came of asking the trainer at this address, as <see cref="CoordinatorDecision.Ask"/> said.</summary>
    public void ObserveAnswer(string address, ProbeAnswer answer)
    {
        if (_probes.TryGetValue(address, out var probe)) _probes[address] = probe with { Pending = false, Answer = answer, AnswerTo = probe.AskedAt };
    }

    private void ForgetSuspicion()
    {
        _stillness.Reset();
        _suspectedAt = null;
    }

    /// <summary>Who the epoch's trainers are. What others answered is of no use any more.</summary>
    private void RememberTrainers()
    {
        Record = Record with { Liveness = [.. _roster.Trainers().Select(trainer => trainer?.Liveness ?? "")] };
        foreach (var gone in _probes.Keys.Except(Record.Liveness).ToList()) _probes.Remove(gone);
    }

    /// <summary>Whom to ask now.</summary>
    private ImmutableArray<string> Questions(long now)
    {
        if (_state.Phase is not (JobPhase.Resuming or JobPhase.Running)) return [];
        var due = _roster.Assigned().Where(host => _suspectedAt is not null || IsSilent(host, now))
            .SelectMany(host => AddressesOf(host).Where(address => IsDue(address, host, now))).ToImmutableArray();
        foreach (var address in due)
            _probes[address] = _probes.GetValueOrDefault(address) with { Pending = true, AskedAt = now };
        return due;
    }

    private static bool IsSilent(HostView host, long now) => !host.IsPresent || now - host.ReportedAt >= ReportOverdue;

    private bool IsDue(string address, HostView host, long now)
    {
        var isSilent = IsSilent(host, now);
        if (!isSilent && _suspectedAt is null) return false;
        if (!_probes.TryGetValue(address, out var probe)) return true;
        if (probe.Pending) return now - probe.AskedAt >= AnswerLimit;
        return probe.AskedAt < _suspectedAt || (isSilent && (probe.AskedAt < host.ReportedAt || now - probe.AskedAt >= AskPeriod));
    }

    /// <summary>Whether the trainers of a host without a silo live: null while nobody knows. One that lives is enough.</summary>
    private bool? TrainersAnswer(HostView host) => host.IsPresent ? null : TrainersOfLostAnswer(host);

    private bool? TrainersOfLostAnswer(HostView host)
    {
        var answers = AddressesOf(host).Select(address => AnswerSince(address, host.ReportedAt)).ToList();
        if (answers.Any(answer => answer >= ProbeAnswer.Alive)) return true;
        return answers.Count == 0 || answers.Contains(null) ? null : false;
    }

    /// <summary>What it answered to a question of this time or later; null: nothing yet.</summary>
    private ProbeAnswer? AnswerSince(string address, long since) =>
        _probes.TryGetValue(address, out var probe) && probe.AnswerTo >= since ? probe.Answer : null;

    /// <summary>Where the epoch's trainers of a host answer. One that has finished may leave, and is not asked.</summary>
    private IEnumerable<string> AddressesOf(HostView host)
    {
        if (_roster.PositionOf(host) is not { } position) return [];
        return _state.Job.RanksOf(position).Where((_, index) => !HasFinished(host, index)).Select(LivenessOf).Where(address => address.Length > 0);
    }

    private static bool HasFinished(HostView host, int localIndex) =>
        host.Report.Trainers.Any(trainer => trainer.LocalIndex == localIndex && trainer.State == TrainerState.Finished);

    /// <summary>From the record and not from reports: a new root agent has none of a host that froze with the old one.</summary>
    private string LivenessOf(Rank rank) => rank.Value < Record.Liveness.Length ? Record.Liveness[rank.Value] : "";

    /// <summary>A job that makes no step for too long, once its trainers were asked.</summary>
    private Failure? FindStuck(TrainerReport?[] trainers, in TrainingPace pace, long now)
    {
        _stillness.Look((_state.Phase, pace.Iterations, pace.Current, pace.Finished, pace.Pauses), now);
        var restored = Record.Restore?.Iteration ?? default;
        var reached = pace.Current == _state.Job.WorldSize ? pace.Oldest : restored;
        _stuckRepeats.Progress(reached);
        var (limit, loads) = StuckLimit(pace);
        if (_stillness.Quiet < limit.TotalMilliseconds)
        {
            _suspectedAt = null;
            return null;
        }

        var suspectedAt = _suspectedAt ??= now;
        var ranks = Enumerable.Range(0, _state.Job.WorldSize).Select(rank => Observe(new Rank(rank), trainers[rank], suspectedAt)).ToList();
        // A verdict counts once, when its epoch may begin.
        if (ranks.Contains(null) || _timelines.Attempts.WaitFor(_attended.Elapsed) > 0) return null;
        var (culprits, reason) = StuckClassifier.Evaluate([.. ranks.Select(rank => rank!.Value)]);
        _stuckRepeats.Verdict(reached, limit, SettingOf(loads));
        var advice = _stuckRepeats.Advice.Length > 0 ? $". {_stuckRepeats.Advice}" : "";
        return new Failure(
            FailureKind.Software,
            [.. culprits.Select(culprit => culprit.Host).Distinct()],
            [],
            now - _stillness.Quiet,
            $"no rank has finished a step for {_stillness.Quiet} ms{PausesOf(trainers)}: {reason}{advice}");
    }

    /// <summary>What trainers announced to do meanwhile, for the reason of a verdict; empty: nothing.</summary>
    private string PausesOf(TrainerReport?[] trainers) => string.Concat(trainers.OfType<TrainerReport>()
        .Where(trainer => trainer.Epoch == Record.Epoch && trainer.PauseReason.Length > 0)
        .Select(trainer => $", longer than the {trainer.PauseLimitMilliseconds} ms announced for {trainer.PauseReason}")
        .Distinct());

    /// <summary>Null while its answer is outstanding.</summary>
    private StuckObservation? Observe(Rank rank, TrainerReport? trainer, long suspectedAt)
    {
        var host = Record.Assignment[_state.Job.PositionOf(rank).Value];
        var address = trainer?.State == TrainerState.Finished ? "" : LivenessOf(rank);
        var answer = address.Length == 0 || host is null ? ProbeAnswer.Alive : AnswerSince(address, suspectedAt);
        return answer is { } known ? new StuckObservation(rank, host ?? default, trainer?.Iteration ?? default, known) : null;
    }

    /// <summary>
    /// How long no step is no hang, and whether that is the limit for loading. Loading, the first iteration, and the last
    /// commit are no iterations: they have a limit of their own. These limits grow while verdicts change nothing. A
    /// pause that a trainer announced may last as long as it said; the others wait for it.
    /// </summary>
    private (TimeSpan Limit, bool Loads) StuckLimit(in TrainingPace pace)
    {
        var health = _state.Health;
        var median = _progress.IterationMilliseconds;
        var loads = _state.Phase == JobPhase.Resuming || median == 0 || pace.AnyCurrentIsAtTheEnd;
        var floor = (loads ? health.LoadLimit : health.StuckFloor).TotalMilliseconds;
        var limit = Math.Max(floor, health.StuckMultiple * median) * _stuckRepeats.Factor;
        return (TimeSpan.FromMilliseconds(Math.Max(pace.PauseLimitMilliseconds, limit)), loads);
    }

    /// <summary>The setting that the limit comes from, with its value.</summary>
    private string SettingOf(bool loads) => loads
        ? $"health.loadLimitSeconds ({_state.Health.LoadLimit.TotalSeconds:0.#})"
        : $"health.stuckFloorSeconds ({_state.Health.StuckFloor.TotalSeconds:0.#})"
            + $" or health.stuckMultiple ({_state.Health.StuckMultiple:0.#})";

    /// <summary>What a job that resumes waits for, and what people should know of hangs that repeat.</summary>
    private string DescribeResuming(TrainerReport?[] trainers)
    {
        bool Loads(TrainerReport? trainer) => trainer?.Epoch != Record.Epoch || trainer.State == TrainerState.Loading;
        var loading = Enumerable.Range(0, trainers.Length).Where(rank => Loads(trainers[rank])).Select(rank => $"{rank}");
        var what = Some([.. loading]) is { Length: > 0 } ranks
            ? $"waiting for rank {ranks} to load"
            : "waiting for the first iteration of every rank";
        return _stuckRepeats.Advice.Length > 0 ? $"{what}. {_stuckRepeats.Advice}" : what;
    }

    /// <param name="Pending">A question is under way.</param>
    /// <param name="AskedAt">When the newest question was asked, Unix milliseconds.</param>
    /// <param name="Answer">The newest answer.</param>
    /// <param name="AnswerTo">When the question was asked to which this is the answer.</param>
    private readonly record struct Probe(bool Pending, long AskedAt, ProbeAnswer? Answer, long AnswerTo);
}
