using CsCheck;
using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class TrainingPaceTests
{
    private static readonly Epoch Now = new(2);

    private static readonly Gen<TrainerReport?> Trainer =
        from isKnown in Gen.Frequency((1, Gen.Const(false)), (4, Gen.Const(true)))
        from state in Gen.Enum<TrainerState>()
        from epoch in Gen.Long[1, 3]
        from iteration in Gen.Long[0, 4]
        from captured in Gen.Long[0, 4]
        from total in Gen.Long[0, 4]
        from pauses in Gen.Long[0, 3]
        from pauseLimit in Gen.Long[0, 3]
        select isKnown ? new TrainerReport
        {
            LocalIndex = 0,
            State = state,
            Epoch = new Epoch(epoch),
            Iteration = new Iteration(iteration),
            Captured = new Iteration(captured),
            TotalIterations = total,
            PauseNumber = pauses,
            PauseLimitMilliseconds = pauseLimit,
        } : null;

    /// <summary>Every number by its own definition.</summary>
    [Fact]
    public void Of_AnyTrainers_EqualsTheDefinitions() => Trainer.Array[1, 5].Sample(trainers =>
    {
        var pace = TrainingPace.Of(trainers, Now);

        var known = trainers.OfType<TrainerReport>().ToList();
        var current = known.Where(trainer => trainer.Epoch == Now).ToList();
        var iterations = current.Select(trainer => trainer.Iteration.Value).DefaultIfEmpty().ToList();
        var captures = trainers.Select(trainer => trainer?.Captured.Value ?? 0).ToList();
        Assert.Equal((current.Count, known.Count(trainer => trainer.State == TrainerState.Finished)), (pace.Current, pace.Finished));
        Assert.Equal(trainers.All(trainer => trainer is { State: TrainerState.Training } && trainer.Epoch == Now), pace.AllTrain);
        Assert.Equal((known.Any(IsAtTheEnd), current.Any(IsAtTheEnd)), (pace.AnyIsAtTheEnd, pace.AnyCurrentIsAtTheEnd));
        Assert.Equal((iterations.Sum(), current.Sum(trainer => trainer.PauseNumber)), (pace.Iterations, pace.Pauses));
        Assert.Equal((new Iteration(iterations.Min()), new Iteration(iterations.Max())), (pace.Oldest, pace.Newest));
        Assert.Equal((new Iteration(captures.Min()), new Iteration(captures.Max())), (pace.OldestCapture, pace.NewestCapture));
        Assert.Equal(current.Select(trainer => trainer.TotalIterations).DefaultIfEmpty().Max(), pace.Total);
        Assert.Equal(current.Select(trainer => trainer.PauseLimitMilliseconds).DefaultIfEmpty().Max(), pace.PauseLimitMilliseconds);
    });

    [Fact]
    public void Of_NoRank_IsAMistake() => Assert.Throws<InvariantViolatedException>(() => TrainingPace.Of([], Now));

    /// <summary>A trainer that does not say how many iterations it will run is never at the end.</summary>
    private static bool IsAtTheEnd(TrainerReport trainer) => trainer.TotalIterations > 0 && trainer.Iteration.Value >= trainer.TotalIterations;
}
