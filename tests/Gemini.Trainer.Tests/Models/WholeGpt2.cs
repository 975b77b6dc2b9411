using Gemini.Trainer.Models;
using TorchSharp;

namespace Gemini.Trainer.Tests.Models;

/// <summary>The model that is not divided: all parameters in memory, one graph from the tokens to the loss, and libtorch's own backward pass.</summary>
internal sealed class WholeGpt2 : IDisposable
{
    private readonly Gpt2 _model;
    private readonly UnitTensors[] _units;

    public WholeGpt2(ParameterLayout layout, long seed, double dropout = 0)
    {
        _model = new Gpt2(layout.Shape, dropout);
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

    public torch.Tensor Loss(torch.Tensor inputs, torch.Tensor targets)
    {
        using var hidden = Hidden(inputs);
        return _model.Loss(_units[0].Parameters, hidden, targets);
    }

    public torch.Tensor Logits(torch.Tensor inputs)
    {
        using var hidden = Hidden(inputs);
        return _model.Logits(_units[0].Parameters, hidden);
    }

    public void Dispose()
    {
        foreach (var unit in _units) unit.Dispose();
        foreach (var tensor in Parameters.Concat(Gradients)) tensor.Dispose();
        _model.Dispose();
    }

    private torch.Tensor Hidden(torch.Tensor inputs)
    {
        using var scope = torch.NewDisposeScope();
        var hidden = _model.Embed(_units[0].Parameters, inputs);
        foreach (var block in _units.Skip(1)) hidden = _model.Block(block.Parameters, hidden);
        return hidden.MoveToOuterDisposeScope();
    }
}
