namespace Gemini.Trainer.Sharding;

/// <summary>AdamW and its learning rate.</summary>
internal sealed record OptimizerOptions
{
    /// <summary>Highest learning rate, reached after the warm-up.</summary>
    public double PeakLearningRate { get; init; } = 6e-4;

    /// <summary>Steps over which the learning rate rises linearly to its peak.</summary>
    public long WarmupSteps { get; init; } = 10;

    /// <summary>Step at which the cosine decay reaches its floor. Afterwards the learning rate stays there.</summary>
    public long DecaySteps { get; init; } = 2000;

    /// <summary>The floor, as a fraction of the peak.</summary>
    public double FloorRatio { get; init; } = 0.1;

    /// <summary>Decay rate of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay rate of the mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the denominator, so that it is never zero.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay; applies only to matrices.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Learning rate of one step: linear warm-up, then half a cosine down to the floor.</summary>
    /// <param name="step">Steps done before, from 0.</param>
    public double LearningRate(long step)
    {
        if (step < WarmupSteps) return PeakLearningRate * (step + 1) / WarmupSteps;
        var progress = Math.Min(1.0, (double)(step - WarmupSteps) / Math.Max(1, DecaySteps - WarmupSteps));
        var cosine = 0.5 * (1 + Math.Cos(Math.PI * progress));
        return PeakLearningRate * (FloorRatio + ((1 - FloorRatio) * cosine));
    }
}
