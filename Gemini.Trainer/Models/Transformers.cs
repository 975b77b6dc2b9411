using Gemini.Interfaces.Presets;

namespace Gemini.Trainer.Models;

/// <summary>Which class computes an architecture.</summary>
internal static class Transformers
{
    /// <summary>The model of a shape. The caller disposes it.</summary>
    /// <param name="shape">The model's numbers.</param>
    /// <param name="dropout">Probability of dropping an activation, from 0 (off) to below 1.</param>
    public static ITransformer Create(ModelShape shape, double dropout) => shape.Architecture switch
    {
        Architecture.Gpt2 => new Gpt2(shape, dropout),
        Architecture.Bert => new Bert(shape, dropout),
        Architecture.Roberta => new Roberta(shape, dropout),
        _ => throw new ArgumentOutOfRangeException(nameof(shape)),
    };

    /// <summary>The units of its parameters: the embedding unit, then one for each block.</summary>
    public static IReadOnlyList<ParameterUnit> UnitsOf(ModelShape shape) => shape.Architecture switch
    {
        Architecture.Gpt2 => Gpt2.UnitsOf(shape),
        Architecture.Bert => Bert.UnitsOf(shape),
        Architecture.Roberta => Roberta.UnitsOf(shape),
        _ => throw new ArgumentOutOfRangeException(nameof(shape)),
    };
}
