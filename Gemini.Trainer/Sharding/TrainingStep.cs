using Gemini.Trainer.Client.Collectives;
using Gemini.Trainer.Data;
using Gemini.Trainer.Models;
using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>One rank's training step, in two halves. The capture wait is between them.</summary>
/// <remarks>
/// <code>
/// step.Reset();                               // or restore the state from a checkpoint: one of the two comes first
/// loss = step.ForwardBackward(ring);          // reads the state, changes none of it
/// await session.WaitForCaptureAsync(token);   // the last snapshot has been copied out of the state
/// step.ApplyOptimizer();                      // the only place where the state changes
/// session.Save(iteration, state);             // state = step.State.Describe(), made once
/// </code>
/// A <see cref="CollectiveException"/> leaves the state as it was. After such an exception, or after the state was restored from a checkpoint, call
/// <see cref="ForwardBackward(Ring)"/> again with a ring of the new epoch. The same object is used again.
/// </remarks>
internal sealed class TrainingStep : IDisposable
{
    private readonly ParameterLayout _parameters;
    private readonly long _seed;
    private readonly BatchSampler _sampler;
    private readonly ShardedModel _model;
    private readonly ShardedAdamW _optimizer;
    private readonly Func<Ring, ICollectives> _communication;
    private bool _hasGradients;

    /// <summary>
    /// Builds the model with a state of zeros. Drawing initial parameters takes minutes for a large model, and is wasted if a checkpoint is restored
    /// next.
    /// </summary>
    /// <param name="options">What to train.</param>
    /// <param name="corpus">The text; kept.</param>
    /// <param name="worldSize">Number of ranks.</param>
    /// <param name="rank">This rank. It is part of the seed of torch's random numbers, so ranks drop different activations.</param>
    /// <param name="device">Where the model computes.</param>
    public TrainingStep(TrainingOptions options, ByteCorpus corpus, int worldSize, int rank, torch.Device device)
    {
        var parameters = new ParameterLayout(options.Model);
        var context = options.Context == 0 ? options.Model.Context : options.Context;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(context, options.Model.Context, "options.Context");
        var objective = Objectives.Of(options.Model.Architecture, corpus, options.Seed, context);
        _sampler = new BatchSampler(objective, options.Seed, options.Batch);

        (_parameters, _seed, _communication) = (parameters, options.Seed, options.Communication);
        State = new ShardState(options.Model.Name, new ShardLayout(parameters.Units.Select(unit => unit.Count), worldSize, rank));
        _model = new ShardedModel(parameters, State, options.Arithmetic(options.Model, options.Dropout), device);
        _optimizer = new ShardedAdamW(options.Optimizer, State, parameters);
    }

    /// <summary>What a checkpoint saves and restores. Owned by this object.</summary>
    public ShardState State { get; }

    /// <summary>Computes the gradients of the step at <see cref="ShardState.DataPosition"/>. Blocks until the other ranks take part.</summary>
    /// <returns>Mean loss over all ranks in nats, the same bits on every rank. What it measures: <see cref="ITransformer.Loss"/>.</returns>
    /// <exception cref="CollectiveException">The collective was aborted, or a neighbour was lost.</exception>
    public double ForwardBackward(Ring ring) => ForwardBackward(_communication(ring));

    /// <inheritdoc cref="ForwardBackward(Ring)"/>
    public double ForwardBackward(ICollectives collectives)
    {
        using var scope = torch.NewDisposeScope();
        _hasGradients = false;
        State.ResumeRng();
        var batch = _sampler.Sample(State.DataPosition, State.Layout.Rank);
        double loss = _model.ForwardBackward(collectives, batch);
        var meanLoss = collectives.AllReduceSum(loss) / State.Layout.WorldSize;
        _hasGradients = true;
        return meanLoss;
    }

    /// <summary>Updates this rank's shard and advances by one step. Needs no other rank.</summary>
    public void ApplyOptimizer()
    {
        if (!_hasGradients) throw new InvalidOperationException("ApplyOptimizer needs the gradients of a completed ForwardBackward.");
        using var scope = torch.NewDisposeScope();
        _hasGradients = false;
        _optimizer.Step(_model.GradientShard);
        State.DataPosition += _sampler.Advance(State.Layout.WorldSize);
        State.CaptureRng();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        State.Dispose();
    }

    /// <summary>Sets the state to its beginning, whatever it is now. The parameters depend on the seed and are the same for every number of ranks.</summary>
    public void Reset()
    {
        using var noGradient = torch.no_grad();
        (State.Step, State.DataPosition) = (0, 0);
        State.ExpAvg.zero_();
        State.ExpAvgSq.zero_();

        // Ranks differ in the upper bits, so that rank 1 of seed 1 is not rank 0 of seed 2.
        torch.manual_seed(_seed + ((long)State.Layout.Rank << 32));
        State.CaptureRng();
        State.InitializeParameters(_parameters, _seed);
    }
}
