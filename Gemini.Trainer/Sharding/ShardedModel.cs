using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Data;
using Gemini.Trainer.Models;
using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>A model that is divided among ranks and never whole anywhere: a step gathers one unit of parameters at a time.</summary>
/// <remarks>
/// <para>ZeRO stage 3 (Rajbhandari et al., SC'20, section 5.3) with recomputation (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016):
/// the forward pass keeps only each block's input. The backward pass computes the block again. A step with L blocks does, in this order:</para>
/// <code>
/// gather embedding                        embed
/// gather block 0 .. L−1                   compute each, without a graph
/// gather embedding                        compute the output head's loss and gradients
/// gather block L−1 .. 0                   compute each again with a graph, then its gradients; reduce-scatter each
///                                         add the gradients of the embedding; reduce-scatter embedding
/// </code>
/// <para>Besides the shard, it needs memory for the parameters of one unit, the gradients of one block, and the gradients of the embedding unit: to
/// these the head adds at the beginning of the backward pass, and the embedding at its end.</para>
/// <para>The backward pass is a loop here and not a function that libtorch calls, so an exception of a collective ends it like any other code. Every
/// buffer is overwritten before it is used. So if a lost peer ends a step, nothing of it remains: start the step again on a new ring.</para>
/// </remarks>
internal sealed class ShardedModel : IDisposable
{
    private readonly ShardState _state;
    private readonly torch.Device _device;
    private readonly ITransformer _model;
    private readonly UnitBuffer _parameters;
    private readonly UnitBuffer _embeddingGradients;
    private readonly UnitBuffer _blockGradients;
    private readonly UnitTensors _embedding;
    private readonly UnitTensors _block;

    /// <param name="parameters">The order of the model's parameters. It has at least one block.</param>
    /// <param name="state">This rank's shard. The caller owns it.</param>
    /// <param name="model">Computes the units. This object owns it.</param>
    /// <param name="device">Where the model computes. Collectives and the optimizer work in host memory.</param>
    public ShardedModel(ParameterLayout parameters, ShardState state, ITransformer model, torch.Device device)
    {
        (_state, _model, _device) = (state, model, device);
        _parameters = new UnitBuffer(state.Layout.Parts, device);
        _embeddingGradients = new UnitBuffer([Embedding], device);
        _blockGradients = new UnitBuffer(Blocks, device);
        _embedding = new UnitTensors(parameters.Units[0], _parameters.Values, _embeddingGradients.Values);
        _block = new UnitTensors(parameters.Units[1], _parameters.Values, _blockGradients.Values);
        GradientShard = torch.zeros(state.Layout.ShardCount);
    }

    /// <summary>This rank's gradients, summed over all ranks, after <see cref="ForwardBackward"/>. fp32 in host memory.</summary>
    public torch.Tensor GradientShard { get; }

    private UnitPart Embedding => _state.Layout.Parts[0];

    private IEnumerable<UnitPart> Blocks => _state.Layout.Parts.Skip(1);

    /// <summary>
    /// Computes the gradients of this rank's samples, and the sum of all ranks' gradients. Afterwards torch's random numbers are where the forward pass
    /// left them.
    /// </summary>
    /// <param name="collectives">This rank's.</param>
    /// <param name="batch">This rank's samples. The caller disposes it.</param>
    /// <returns>This rank's loss: <see cref="ITransformer.Loss"/>.</returns>
    /// <exception cref="CollectiveException">A collective was aborted, or a neighbour was lost.</exception>
    public float ForwardBackward(ICollectives collectives, Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        using var start = RandomPoint.Mark(_device); // Only accelerators need it: their generators begin with the step.
        _parameters.Gather(collectives, Embedding, _state.Parameters);
        var onDevice = batch.To(_device);
        var embedded = _model.Embed(_embedding.Parameters, onDevice);
        var runs = new Stack<BlockRun>();
        var last = Forward(collectives, embedded.detach(), runs);
        using var end = RandomPoint.Mark(_device);

        var (loss, gradient) = Head(collectives, last, onDevice);
        gradient = Backward(collectives, gradient, runs);
        embedded.backward([gradient]);
        _embeddingGradients.ReduceScatter(collectives, Embedding, GradientShard);
        end.Resume();
        return loss.item<float>();
    }

    public void Dispose()
    {
        foreach (var part in (IDisposable[])[_block, _embedding, _blockGradients, _embeddingGradients, _parameters, _model, GradientShard]) part.Dispose();
    }

    /// <summary>Computes all blocks without a graph.</summary>
    /// <param name="collectives">This rank's.</param>
    /// <param name="hidden">The first block's input.</param>
    /// <param name="runs">Receives what is needed to compute each block again, the last block on top.</param>
    /// <returns>The last block's output.</returns>
    private torch.Tensor Forward(ICollectives collectives, torch.Tensor hidden, Stack<BlockRun> runs)
    {
        using var noGradient = torch.no_grad();
        foreach (var part in Blocks)
        {
            _parameters.Gather(collectives, part, _state.Parameters);
            runs.Push(new BlockRun(part, hidden, RandomPoint.Mark(_device)));
            hidden = _model.Block(_block.Parameters, hidden);
        }

        return hidden;
    }

    /// <summary>Computes the loss, its gradient in the last block's output, and the head's part of the embedding unit's gradients.</summary>
    private (torch.Tensor Loss, torch.Tensor Gradient) Head(ICollectives collectives, torch.Tensor last, Batch batch)
    {
        _parameters.Gather(collectives, Embedding, _state.Parameters);
        _embeddingGradients.Clear();
        var hidden = last.detach().requires_grad_();
        var loss = _model.Loss(_embedding.Parameters, hidden, batch);
        loss.backward();
        return (loss, hidden.grad!);
    }

    /// <summary>Goes back through all blocks.</summary>
    /// <param name="collectives">This rank's.</param>
    /// <param name="gradient">The loss's gradient in the last block's output.</param>
    /// <param name="runs">From the forward pass. Empty afterwards.</param>
    /// <returns>The loss's gradient in the first block's input.</returns>
    private torch.Tensor Backward(ICollectives collectives, torch.Tensor gradient, Stack<BlockRun> runs)
    {
        while (runs.TryPop(out var run))
        {
            using var afterwards = run;
            using var ofOutput = gradient;
            _parameters.Gather(collectives, run.Part, _state.Parameters);
            _blockGradients.Clear();
            gradient = Backward(run, ofOutput);
            _blockGradients.ReduceScatter(collectives, run.Part, GradientShard);
        }

        return gradient;
    }

    /// <summary>Computes one block again, and its gradients.</summary>
    private torch.Tensor Backward(BlockRun run, torch.Tensor ofOutput)
    {
        using var scope = torch.NewDisposeScope();
        run.Random.Resume();
        var input = run.Input.detach().requires_grad_();
        _model.Block(_block.Parameters, input).backward([ofOutput]);
        return input.grad!.MoveToOuterDisposeScope();
    }

    /// <summary>What is needed to compute a block again.</summary>
    /// <param name="Part">The block's unit.</param>
    /// <param name="Input">Its input.</param>
    /// <param name="Random">Torch's random numbers before it.</param>
    private sealed record BlockRun(UnitPart Part, torch.Tensor Input, RandomPoint Random) : IDisposable
    {
        public void Dispose()
        {
            Input.Dispose();
            Random.Dispose();
        }
    }
}
