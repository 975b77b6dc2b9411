namespace Gemini.Trainer.Models;

/// <summary>Parameters that a step gathers, uses and drops together.</summary>
/// <param name="Name">"embedding", or the block's name in published checkpoints, such as "h.0".</param>
/// <param name="Slots">Every parameter, by ascending offset in the unit, without gaps.</param>
internal sealed record ParameterUnit(string Name, IReadOnlyList<ParameterSlot> Slots)
{
    /// <summary>Number of elements, without padding.</summary>
    public long Count { get; } = Slots.Sum(slot => slot.Count);
}
