namespace Gemini.Trainer.Models;

/// <summary>Builds a unit: parameters one after the other, without gaps.</summary>
/// <param name="name">The unit's name.</param>
/// <param name="prefix">Before the name of each parameter.</param>
internal sealed class UnitBuilder(string name, string prefix = "")
{
    private readonly List<ParameterSlot> _slots = [];
    private long _count;

    public UnitBuilder AddNorm(string layer, long size) =>
        Add(layer + ".weight", ParameterStart.Ones, size).Add(layer + ".bias", ParameterStart.Zeros, size);

    public UnitBuilder AddLinear(string layer, ParameterStart start, long outputs, long inputs) =>
        Add(layer + ".weight", start, outputs, inputs).Add(layer + ".bias", ParameterStart.Zeros, outputs);

    public UnitBuilder Add(string parameter, ParameterStart start, params long[] shape)
    {
        var slot = new ParameterSlot(prefix + parameter, shape, _count, start);
        _slots.Add(slot);
        _count += slot.Count;
        return this;
    }

    public ParameterUnit Build() => new(name, _slots);
}
