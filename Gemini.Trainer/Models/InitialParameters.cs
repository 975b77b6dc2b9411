using TorchSharp;

namespace Gemini.Trainer.Models;

/// <summary>Draws a model's initial parameters, one unit at a time, so that no one needs memory for the whole model.</summary>
/// <remarks>
/// The same seed gives the same bits, whatever the number of ranks. For this, every rank draws every unit, in the order of the layout, and keeps its
/// part.
/// </remarks>
/// <param name="parameters">The model.</param>
/// <param name="seed">Of a generator of its own: torch's global random numbers stay as they are.</param>
internal sealed class InitialParameters(ParameterLayout parameters, long seed) : IDisposable
{
    private const double StandardDeviation = 0.02;

    private readonly torch.Generator _generator = new((ulong)seed, torch.CPU);
    private readonly double _residual = StandardDeviation / Math.Sqrt(2.0 * parameters.Shape.Layers);
    private int _next;

    /// <summary>Fills a vector with the next unit's parameters. Padding after them becomes zero.</summary>
    /// <param name="flat">1-dimensional, in host memory, at least the unit's <see cref="ParameterUnit.Count"/> elements. Written in place.</param>
    /// <returns>The unit.</returns>
    public ParameterUnit Draw(torch.Tensor flat)
    {
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var one = 1f.ToScalar();
        var unit = parameters.Units[_next++];
        flat.zero_();
        foreach (var slot in unit.Slots)
        {
            var values = flat.narrow(0, slot.Offset, slot.Count);
            if (slot.Start == ParameterStart.Ones) values.fill_(one);
            if (slot.Start == ParameterStart.Normal) values.normal_(0, StandardDeviation, _generator);
            if (slot.Start == ParameterStart.ResidualNormal) values.normal_(0, _residual, _generator);
        }

        return unit;
    }

    public void Dispose() => _generator.Dispose();
}
