using Gemini.Trainer.Models;
using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>AdamW on one rank's shard.</summary>
/// <remarks>
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2, with the schedule multiplier inside the learning rate η as
/// PyTorch has it: θ ← θ − η·λ·θ for matrices, then θ ← θ − η · m̂ / (√v̂ + ε). All operations are element-wise and in place, so dividing the vector
/// among ranks does not change the result. Checked by: OptimizerTests, against torch's own AdamW. Every <see cref="Scalar"/> is kept until after its
/// use. BannedSymbols.txt gives the reason.
/// </remarks>
internal sealed class ShardedAdamW : IDisposable
{
    private readonly OptimizerOptions _options;
    private readonly ShardState _state;
    private readonly List<torch.Tensor> _decayed = [];

    /// <param name="options">Rates.</param>
    /// <param name="state">The shard to update. The caller owns it.</param>
    /// <param name="parameters">Defines which elements are decayed.</param>
    public ShardedAdamW(OptimizerOptions options, ShardState state, ParameterLayout parameters)
    {
        (_options, _state) = (options, state);
        foreach (var (unit, part) in parameters.Units.Zip(state.Layout.Parts))
        {
            foreach (var slot in unit.Slots.Where(slot => slot.IsDecayed))
            {
                var (offset, count) = part.Intersect(slot.Offset, slot.Count);
                if (count > 0) _decayed.Add(state.Parameters.narrow(0, offset, count));
            }
        }
    }

    /// <summary>Does one step and counts it in <see cref="ShardState.Step"/>.</summary>
    /// <param name="gradientSum">The shard's gradients, summed over all ranks. Overwritten: contains no gradients afterwards.</param>
    public void Step(torch.Tensor gradientSum)
    {
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var rate = _options.LearningRate(_state.Step);
        double step = _state.Step + 1;
        using var worldSize = _state.Layout.WorldSize.ToScalar();
        using var beta1 = _options.Beta1.ToScalar();
        using var oneLessBeta1 = (1 - _options.Beta1).ToScalar();
        using var beta2 = _options.Beta2.ToScalar();
        using var oneLessBeta2 = (1 - _options.Beta2).ToScalar();
        using var squareCorrection = (1 - Math.Pow(_options.Beta2, step)).ToScalar();
        using var decay = (1 - (rate * _options.WeightDecay)).ToScalar();
        using var epsilon = _options.Epsilon.ToScalar();
        using var one = 1.ToScalar();
        using var stepSize = (-rate / (1 - Math.Pow(_options.Beta1, step))).ToScalar();

        var gradient = gradientSum.div_(worldSize);
        _state.ExpAvg.mul_(beta1).add_(gradient, oneLessBeta1);
        _state.ExpAvgSq.mul_(beta2).addcmul_(gradient, gradient, oneLessBeta2);
        foreach (var matrix in _decayed) matrix.mul_(decay);
        var denominator = gradient.copy_(_state.ExpAvgSq).div_(squareCorrection).sqrt_().add_(epsilon, one);
        _state.Parameters.addcdiv_(_state.ExpAvg, denominator, stepSize);
        _state.Step++;
    }

    public void Dispose()
    {
        foreach (var matrix in _decayed) matrix.Dispose();
    }
}
