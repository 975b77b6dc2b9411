using Gemini.Trainer.Data;
using Gemini.Trainer.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Models;

/// <summary>The model that is not divided: all parameters in memory, one graph from the tokens to the loss, and libtorch's own backward pass.</summary>
internal sealed class WholeModel : IDisposable
{
    private readonly ITransformer _model;
    private readonly UnitTensors[] _units;

    public WholeModel(ParameterLayout layout, long seed, double dropout = 0)
    {
        _model = Transformers.Create(layout.Shape, dropout);
        Parameters = [.. layout.Units.Select(unit => torch.zeros(unit.Count))];
        Gradients = [.. layout.Units.Select(unit => torch.zeros(unit.Count))];
        using var initial = new InitialParameters(layout, seed);
        foreach (var unit in Parameters) initial.Draw(unit);
        _units = [.. layout.Units.Select((unit, index) => new UnitTensors(unit, Parameters[index], Gradients[index]))];
    }

    /// <summary>One flat vector for each unit.</summary>
    public torch.Tensor[] Parameters { get; }

    /// <summary>Like <see cref="Parameters"/>; a backward pass adds to them.</summary>
    public torch.Tensor[] Gradients { get; }

    public torch.Tensor Loss(Batch batch)
    {
        using var hidden = Hidden(batch);
        return _model.Loss(_units[0].Parameters, hidden, batch);
    }

    /// <summary>The hidden state after the last block.</summary>
    public torch.Tensor Hidden(Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var hidden = _model.Embed(_units[0].Parameters, batch);
        foreach (var block in _units.Skip(1)) hidden = _model.Block(block.Parameters, hidden);
        return hidden.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var unit in _units) unit.Dispose();
        foreach (var tensor in Parameters.Concat(Gradients)) tensor.Dispose();
        _model.Dispose();
    }
}
