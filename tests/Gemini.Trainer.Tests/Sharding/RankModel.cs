using Gemini.Interfaces.Presets;
using Gemini.Trainer.Client.Native;
using Gemini.Trainer.Models;
using Gemini.Trainer.Sharding;
using Gemini.Trainer.Tests.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Sharding;

/// <summary>One rank with its shard of the same initial parameters.</summary>
internal sealed class RankModel : IDisposable
{
    private readonly Architecture _architecture;
    private readonly ShardState _state;
    private readonly ShardedModel _model;

    public RankModel(ParameterLayout parameters, int rank, int worldSize, double dropout = 0)
    {
        _architecture = parameters.Shape.Architecture;
        _state = TestShards.State(parameters, worldSize, rank);
        _state.InitializeParameters(parameters, seed: 1);
        _model = new ShardedModel(parameters, _state, Transformers.Create(parameters.Shape, dropout), torch.CPU);
    }

    public ShardLayout Layout => _state.Layout;

    /// <param name="collectives">This rank's.</param>
    /// <param name="batch">Which of <see cref="TestModels.Samples"/>.</param>
    /// <returns>This rank's loss, its part of the gradients, and torch's random numbers after the step.</returns>
    public (float Loss, float[] Gradient, byte[] Random) Step(ICollectives collectives, int batch)
    {
        using var samples = TestModels.Samples(_architecture, batch);
        var loss = _model.ForwardBackward(collectives, samples);
        using var random = torch.get_rng_state();
        return (loss, _model.GradientShard.data<float>().ToArray(), random.bytes.ToArray());
    }

    public unsafe void Move(float[] direction, float step)
    {
        var parameters = new Span<float>((void*)TensorMemory.AddressOf(_state.Parameters), direction.Length);
        for (var index = 0; index < direction.Length; index++) parameters[index] += step * direction[index];
    }

    public void Dispose()
    {
        _model.Dispose();
        _state.Dispose();
    }
}
