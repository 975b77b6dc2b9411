using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>What the rules of a running job need to know about all ranks together, gathered in one walk that allocates nothing. Pure.</summary>
internal readonly record struct TrainingPace
{
    /// <summary>Trainers that have loaded the epoch's restore point.</summary>
    public int Current { get; private init; }

    /// <summary>Trainers that have finished.</summary>
    public int Finished { get; private init; }

    /// <summary>Every rank has a trainer that trains in this epoch.</summary>
    public bool AllTrain { get; private init; }

    /// <summary>A trainer of any epoch has done the iterations that it means to run.</summary>
    public bool AnyIsAtTheEnd { get; private init; }

    /// <summary>A trainer of this epoch has done the iterations that it means to run.</summary>
    public bool AnyCurrentIsAtTheEnd { get; private init; }

    /// <summary>Iterations of the epoch's trainers, added up.</summary>
    public long Iterations { get; private init; }

    /// <summary>Announcements of pauses by the epoch's trainers, added up.</summary>
    public long Pauses { get; private init; }

    /// <summary>The longest pause that a trainer of the epoch has announced, in milliseconds; 0: none.</summary>
    public long PauseLimitMilliseconds { get; private init; }

    /// <summary>The oldest iteration of the epoch's trainers; zero without one.</summary>
    public Iteration Oldest { get; private init; }

    /// <summary>The newest iteration of the epoch's trainers; zero without one.</summary>
    public Iteration Newest { get; private init; }

    /// <summary>The most iterations that a trainer of the epoch means to run; 0 without one.</summary>
    public long Total { get; private init; }

    /// <summary>The oldest of all ranks' newest captures. A rank without a trainer counts as zero.</summary>
    public Iteration OldestCapture { get; private init; }

    /// <summary>The newest of all ranks' newest captures.</summary>
    public Iteration NewestCapture { get; private init; }

    /// <param name="trainers">The trainer of every rank; null if none is known. Never empty.</param>
    /// <param name="epoch">The epoch that trains.</param>
    public static TrainingPace Of(ReadOnlySpan<TrainerReport?> trainers, Epoch epoch)
    {
        Invariant.Check(!trainers.IsEmpty, "the job has no rank");
        var (current, finished, training) = (0, 0, 0);
        var (isAtTheEnd, currentIsAtTheEnd) = (false, false);
        var (iterations, pauses, pauseLimit, total) = (0L, 0L, long.MinValue, long.MinValue);
        var (oldest, newest) = (long.MaxValue, long.MinValue);
        var (oldestCapture, newestCapture) = (long.MaxValue, long.MinValue);
        foreach (var trainer in trainers)
        {
            var captured = trainer?.Captured.Value ?? 0;
            (oldestCapture, newestCapture) = (Math.Min(oldestCapture, captured), Math.Max(newestCapture, captured));
            if (trainer is null) continue;
            var isDone = trainer.TotalIterations > 0 && trainer.Iteration.Value >= trainer.TotalIterations;
            isAtTheEnd |= isDone;
            if (trainer.State == TrainerState.Finished) finished++;
            if (trainer.Epoch != epoch) continue;
            current++;
            if (trainer.State == TrainerState.Training) training++;
            currentIsAtTheEnd |= isDone;
            iterations = checked(iterations + trainer.Iteration.Value);
            pauses = checked(pauses + trainer.PauseNumber);
            pauseLimit = Math.Max(pauseLimit, trainer.PauseLimitMilliseconds);
            total = Math.Max(total, trainer.TotalIterations);
            (oldest, newest) = (Math.Min(oldest, trainer.Iteration.Value), Math.Max(newest, trainer.Iteration.Value));
        }

        return new TrainingPace
        {
            Current = current,
            Finished = finished,
            AllTrain = training == trainers.Length,
            AnyIsAtTheEnd = isAtTheEnd,
            AnyCurrentIsAtTheEnd = currentIsAtTheEnd,
            Iterations = iterations,
            Pauses = pauses,
            PauseLimitMilliseconds = current == 0 ? 0 : pauseLimit,
            Oldest = new Iteration(current == 0 ? 0 : oldest),
            Newest = new Iteration(current == 0 ? 0 : newest),
            Total = current == 0 ? 0 : total,
            OldestCapture = new Iteration(oldestCapture),
            NewestCapture = new Iteration(newestCapture),
        };
    }
}
