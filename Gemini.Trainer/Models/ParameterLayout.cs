using Gemini.Interfaces.Presets;

namespace Gemini.Trainer.Models;

/// <summary>The order of a model's parameters: units one after the other, each a flat fp32 vector.</summary>
/// <remarks>
/// The embedding unit is first: token embedding, position embedding and last layer norm. It has the last layer norm because the output head needs it
/// together with the token embedding. Then comes one unit for each block. The order is part of the checkpoint format: a shard has a part of each unit.
/// </remarks>
internal sealed class ParameterLayout
{
    public ParameterLayout(ModelShape shape)
    {
        if (shape.Hidden % shape.Heads != 0)
            throw new ArgumentException($"{shape.Name}: {shape.Hidden} hidden units do not divide among {shape.Heads} heads.", nameof(shape));
        Shape = shape;
        Units = [EmbeddingOf(shape), .. Enumerable.Range(0, shape.Layers).Select(layer => BlockOf(shape, $"h.{layer}"))];
        Count = Units.Sum(unit => unit.Count);
    }

    public ModelShape Shape { get; }

    /// <summary>The embedding unit, then the blocks. All blocks have the same shapes.</summary>
    public IReadOnlyList<ParameterUnit> Units { get; }

    /// <summary>Number of elements of all units, without padding.</summary>
    public long Count { get; }

    private static ParameterUnit EmbeddingOf(ModelShape shape) => new UnitBuilder("")
        .Add("wte.weight", ParameterStart.Normal, shape.Vocabulary, shape.Hidden)
        .Add("wpe.weight", ParameterStart.Normal, shape.Context, shape.Hidden)
        .AddNorm("ln_f", shape.Hidden)
        .Build("embedding");

    private static ParameterUnit BlockOf(ModelShape shape, string name) => new UnitBuilder(name + ".")
        .AddNorm("ln_1", shape.Hidden)
        .AddLinear("attn.c_attn", ParameterStart.Normal, 3 * shape.Hidden, shape.Hidden)
        .AddLinear("attn.c_proj", ParameterStart.ResidualNormal, shape.Hidden, shape.Hidden)
        .AddNorm("ln_2", shape.Hidden)
        .AddLinear("mlp.c_fc", ParameterStart.Normal, shape.Intermediate, shape.Hidden)
        .AddLinear("mlp.c_proj", ParameterStart.ResidualNormal, shape.Hidden, shape.Intermediate)
        .Build(name);

    private sealed class UnitBuilder(string prefix)
    {
        private readonly List<ParameterSlot> _slots = [];
        private long _count;

        public UnitBuilder AddNorm(string name, long size) =>
            Add(name + ".weight", ParameterStart.Ones, size).Add(name + ".bias", ParameterStart.Zeros, size);

        public UnitBuilder AddLinear(string name, ParameterStart start, long outputs, long inputs) =>
            Add(name + ".weight", start, outputs, inputs).Add(name + ".bias", ParameterStart.Zeros, outputs);

        public UnitBuilder Add(string name, ParameterStart start, params long[] shape)
        {
            var slot = new ParameterSlot(prefix + name, shape, _count, start);
            _slots.Add(slot);
            _count += slot.Count;
            return this;
        }

        public ParameterUnit Build(string name) => new(name, _slots);
    }
}
