using Gemini.Interfaces.Presets;

namespace Gemini.Trainer.Models;

/// <summary>The order of a model's parameters: units one after the other, each a flat fp32 vector.</summary>
/// <remarks>
/// The embedding unit is first. Besides the embeddings it has the parameters of the output head, which needs them together with the token embedding.
/// Then comes one unit for each block. The order is part of the checkpoint format: a shard has a part of each unit.
/// </remarks>
internal sealed class ParameterLayout
{
    public ParameterLayout(ModelShape shape)
    {
        if (shape.Hidden % shape.Heads != 0)
            throw new ArgumentException($"{shape.Name}: {shape.Hidden} hidden units do not divide among {shape.Heads} heads.", nameof(shape));
        Shape = shape;
        Units = Transformers.UnitsOf(shape);
        Count = Units.Sum(unit => unit.Count);
    }

    public ModelShape Shape { get; }

    /// <summary>The embedding unit, then the blocks. All blocks have the same shapes.</summary>
    public IReadOnlyList<ParameterUnit> Units { get; }

    /// <summary>Number of elements of all units, without padding.</summary>
    public long Count { get; }
}
