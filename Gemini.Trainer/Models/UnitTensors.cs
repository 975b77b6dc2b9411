using TorchSharp;

namespace Gemini.Trainer.Models;

/// <summary>
/// The parameters of one unit as leaf tensors. Each is a view of a flat vector of the caller, and its gradient is a view of another. So code that
/// fills or reads the flat vectors (collectives, optimizer, checkpoints) needs no copies and no names.
/// </summary>
internal sealed class UnitTensors : IDisposable
{
    private readonly torch.Tensor[] _parameters;
    private readonly torch.Tensor[] _gradients;

    /// <param name="unit">The order of the parameters. Vectors that hold one block after another need the views of only one of the blocks.</param>
    /// <param name="flatParameters">fp32, at least <c>unit.Count</c> elements. The caller owns it, and disposes it after this object.</param>
    /// <param name="flatGradients">Like <paramref name="flatParameters"/>; gradients are added to it.</param>
    public UnitTensors(ParameterUnit unit, torch.Tensor flatParameters, torch.Tensor flatGradients)
    {
        _gradients = [.. unit.Slots.Select(slot => ViewOf(flatGradients, slot))];
        _parameters = [.. unit.Slots.Select(slot => ViewOf(flatParameters, slot).requires_grad_())];
        // Autograd adds in place to an existing gradient, and so into the flat vector.
        for (var i = 0; i < _parameters.Length; i++) _parameters[i].grad = _gradients[i];
    }

    /// <summary>In the order of the unit's slots. This object owns them.</summary>
    public IReadOnlyList<torch.Tensor> Parameters => _parameters;

    public void Dispose()
    {
        foreach (var tensor in _parameters) tensor.Dispose();
        foreach (var tensor in _gradients) tensor.Dispose();
    }

    private static torch.Tensor ViewOf(torch.Tensor flat, ParameterSlot slot)
    {
        using var range = flat.narrow(0, slot.Offset, slot.Count);
        using var view = range.view(slot.Shape);
        return view.detach();
    }
}
