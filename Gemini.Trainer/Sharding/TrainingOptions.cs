using Gemini.Interfaces.Presets;
using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Models;

namespace Gemini.Trainer.Sharding;

/// <summary>What a training run computes. The same options, world size and text give the same bits.</summary>
internal sealed record TrainingOptions
{
    public ModelShape Model { get; init; } = ModelPresets.Get(ModelPresets.DefaultName);

    /// <summary>Sequences per rank and step. A larger batch makes a step longer and its gradient less noisy.</summary>
    public int Batch { get; init; } = 4;

    /// <summary>Tokens per sequence, special tokens included; at most the model's context; 0 for the whole context.</summary>
    public int Context { get; init; }

    /// <summary>Probability of dropping an activation, from 0 to below 1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Determines the initial parameters, dropout, the order of the samples, their masks and their pairs.</summary>
    public long Seed { get; init; } = 1;

    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>Makes the model of a shape with a dropout. A benchmark makes one that waits as long as an accelerator would compute.</summary>
    public Func<ModelShape, double, ITransformer> Arithmetic { get; init; } = Transformers.Create;

    /// <summary>Makes the collectives over an epoch's ring.</summary>
    public Func<Ring, ICollectives> Communication { get; init; } = ring => new RingCollectives(ring);
}
