namespace Gemini.Trainer.Models;

/// <summary>The place of one parameter tensor in its unit, and its initial value.</summary>
/// <param name="Name">The name that published checkpoints of the architecture use.</param>
/// <param name="Shape">Dimensions; the elements are row-major.</param>
/// <param name="Offset">First element in the unit.</param>
/// <param name="Start">Initial value.</param>
internal sealed record ParameterSlot(string Name, long[] Shape, long Offset, ParameterStart Start)
{
    /// <summary>Number of elements.</summary>
    public long Count { get; } = Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether weight decay applies: to matrices only, not to biases and layer norms.</summary>
    public bool IsDecayed => Shape.Length > 1;
}
