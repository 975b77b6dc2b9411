using Gemini.Trainer.Data;
using Gemini.Trainer.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Gemini.Benchmarks.Emulation;

/// <summary>
/// A model whose arithmetic takes no processor time: it waits as long as an accelerator would compute, and adds up means. So each parameter has a
/// gradient, the optimizer changes the whole state, and every checkpoint differs from the one before it.
/// </summary>
/// <param name="profile">How long each part computes.</param>
/// <param name="compute">Waits that long.</param>
internal sealed class EmulatedTransformer(EmulationProfile profile, Action<TimeSpan> compute) : ITransformer
{
    private readonly Scalar _one = 1.ToScalar();
    private long _iterations;
    private int _block;
    private Random _jitter = new(0);
    private EmulationPhase _phase = profile.At(0);

    public Tensor Embed(IReadOnlyList<Tensor> embedding, Batch batch)
    {
        (_phase, _block) = (profile.At(_iterations), 0);
        // The same on all ranks: otherwise they would wait for each other, which counts as use of the network.
        _jitter = new Random((int)_iterations++);
        compute(_phase.Embed);
        using var scope = NewDisposeScope();
        return Means(embedding).reshape(1, 1, 1).MoveToOuterDisposeScope();
    }

    public Tensor Block(IReadOnlyList<Tensor> block, Tensor hidden)
    {
        // The forward pass keeps no graph. The backward pass computes the blocks again, in the other order.
        compute(Jittered(is_grad_enabled() ? _phase.Backward[--_block] : _phase.Forward[_block++]));
        using var scope = NewDisposeScope();
        return hidden.add(Means(block), _one).MoveToOuterDisposeScope();
    }

    public Tensor Loss(IReadOnlyList<Tensor> embedding, Tensor hidden, Batch batch)
    {
        compute(_phase.Head);
        using var scope = NewDisposeScope();
        return hidden.mean().add(Means(embedding), _one).MoveToOuterDisposeScope();
    }

    public void Dispose() => _one.Dispose();

    /// <summary>The sum of the parameters' means. Its graph keeps their sizes and not their values.</summary>
    private static Tensor Means(IReadOnlyList<Tensor> parameters) => stack(parameters.Select(parameter => parameter.mean())).sum();

    private TimeSpan Jittered(TimeSpan time) => time * (1 + (_phase.Jitter * ((2 * _jitter.NextDouble()) - 1)));
}
