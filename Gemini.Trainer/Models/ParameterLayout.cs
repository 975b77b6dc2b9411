using Gemini.Interfaces.Presets;
using TorchSharp;

namespace Gemini.Trainer.Models;

/// <summary>The order of a model's parameters in one flat fp32 vector.</summary>
/// <remarks>
/// Token embedding, position embedding, block 0, block 1, ..., last layer norm. A block's parameters are contiguous. The order is part of
/// the checkpoint format: a shard is a range of this vector.
/// </remarks>
internal sealed class ParameterLayout
{
    private const double StandardDeviation = 0.02;

    private readonly List<ParameterSlot> _slots = [];

    public ParameterLayout(GptShape shape)
    {
        if (shape.Hidden % shape.Heads != 0)
            throw new ArgumentException($"{shape.Name}: {shape.Hidden} hidden units do not divide among {shape.Heads} heads.", nameof(shape));
        Shape = shape;
        Add("wte.weight", ParameterStart.Normal, shape.Vocabulary, shape.Hidden);
        Add("wpe.weight", ParameterStart.Normal, shape.Context, shape.Hidden);
        for (var layer = 0; layer < shape.Layers; layer++) AddBlock($"h.{layer}.");
        AddNorm("ln_f.");
    }

    public GptShape Shape { get; }

    /// <summary>Every parameter, by ascending offset, without gaps.</summary>
    public IReadOnlyList<ParameterSlot> Slots => _slots;

    /// <summary>Number of elements of the flat vector, without padding.</summary>
    public long Count { get; private set; }

    /// <summary>Fills a flat vector with the model's initial parameters. Padding after them becomes zero.</summary>
    /// <param name="flat">1-dimensional, at least <see cref="Count"/> elements. Written in place.</param>
    /// <param name="seed">The same seed gives the same bits, whatever the number of ranks.</param>
    public void Initialize(torch.Tensor flat, long seed)
    {
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)seed, torch.CPU);
        using var one = 1f.ToScalar();
        var residual = StandardDeviation / Math.Sqrt(2.0 * Shape.Layers);
        flat.zero_();
        foreach (var slot in _slots)
        {
            var values = flat.narrow(0, slot.Offset, slot.Count);
            if (slot.Start == ParameterStart.Ones) values.fill_(one);
            if (slot.Start == ParameterStart.Normal) values.normal_(0, StandardDeviation, generator);
            if (slot.Start == ParameterStart.ResidualNormal) values.normal_(0, residual, generator);
        }
    }

    private void AddBlock(string prefix)
    {
        AddNorm(prefix + "ln_1.");
        AddLinear(prefix + "attn.c_attn.", ParameterStart.Normal, 3 * Shape.Hidden, Shape.Hidden);
        AddLinear(prefix + "attn.c_proj.", ParameterStart.ResidualNormal, Shape.Hidden, Shape.Hidden);
        AddNorm(prefix + "ln_2.");
        AddLinear(prefix + "mlp.c_fc.", ParameterStart.Normal, Shape.Intermediate, Shape.Hidden);
        AddLinear(prefix + "mlp.c_proj.", ParameterStart.ResidualNormal, Shape.Hidden, Shape.Intermediate);
    }

    private void AddNorm(string prefix)
    {
        Add(prefix + "weight", ParameterStart.Ones, Shape.Hidden);
        Add(prefix + "bias", ParameterStart.Zeros, Shape.Hidden);
    }

    private void AddLinear(string prefix, ParameterStart start, long outputs, long inputs)
    {
        Add(prefix + "weight", start, outputs, inputs);
        Add(prefix + "bias", ParameterStart.Zeros, outputs);
    }

    private void Add(string name, ParameterStart start, params long[] shape)
    {
        var slot = new ParameterSlot(name, shape, Count, start);
        _slots.Add(slot);
        Count += slot.Count;
    }
}
