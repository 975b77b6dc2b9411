using Gemini.Trainer.Client.Native;
using TorchSharp;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>A torch tensor in CPU memory. It is checked again at every save and restore.</summary>
/// <remarks>Holds a second handle on the tensor's storage, so that disposing the tensor does not free memory that a capture reads.</remarks>
internal sealed class TorchTensor : LocatedTensor
{
    private readonly Func<torch.Tensor?> _get;
    private readonly Action? _make;
    private readonly bool _mayMove;
    private readonly torch.ScalarType _type;
    private readonly long[] _shape;
    private torch.Tensor? _last;
    private torch.Tensor? _held;
    private nint _address;

    private TorchTensor(
        string name, (SafetensorsType Type, long[] Shape) stored, torch.Tensor like, Func<torch.Tensor?> get, bool mayMove, Action? make)
        : base(name, stored.Type, stored.Shape)
    {
        (_type, _shape) = (like.dtype, like.shape);
        (_get, _mayMove, _make) = (get, mayMove, make);
    }

    /// <summary>A tensor that stays where it is.</summary>
    /// <param name="name">Its name in the snapshot.</param>
    /// <param name="get">Finds the tensor that the training uses now.</param>
    /// <exception cref="ArgumentException">It is not contiguous CPU memory.</exception>
    public static TorchTensor InPlace(string name, Func<torch.Tensor?> get)
    {
        var tensor = get() ?? throw new ArgumentException($"There is no tensor {name}.", nameof(name));
        var stored = SafetensorsTypes.Of(name, tensor.dtype, tensor.shape);
        var added = new TorchTensor(name, stored, tensor, get, mayMove: false, make: null);
        added.Adopt(tensor);
        return added;
    }

    /// <summary>A tensor that the optimizer may replace in its step, and may not have made yet.</summary>
    /// <param name="name">Its name in the snapshot.</param>
    /// <param name="like">A tensor of the same type and shape: the parameter.</param>
    /// <param name="get">Finds the tensor that the optimizer uses now; null if the optimizer has made none.</param>
    /// <param name="make">Makes the tensor, with any content; null if the tensor always exists.</param>
    public static TorchTensor OfOptimizer(string name, torch.Tensor like, Func<torch.Tensor?> get, Action? make)
    {
        var tensor = get() ?? like;
        var stored = SafetensorsTypes.Of(name, tensor.dtype, tensor.shape);
        return new TorchTensor(name, stored, tensor, get, mayMove: true, make);
    }

    public override nint Locate()
    {
        if (_get() is not { } tensor)
        {
            if (_make is null) throw Changed("it is no longer there");
            Forget();
            return 0;
        }

        if (tensor.IsInvalid) throw Changed("it was disposed; a module that is moved or converted makes new tensors");
        if (tensor.dtype != _type) throw Changed($"its type was {_type} and is {tensor.dtype}");
        if (!tensor.shape.AsSpan().SequenceEqual(_shape))
            throw Changed($"its shape was [{Text(_shape)}] and is [{Text(tensor.shape)}]");
        if (tensor.device_type != DeviceType.CPU) throw Changed($"it is on {tensor.device_type} now");
        if (!tensor.is_contiguous()) throw Changed("it is no longer contiguous");
        if (ReferenceEquals(tensor, _last) && TensorMemory.AddressOf(tensor) == _address) return _address;
        if (!_mayMove && TensorMemory.AddressOf(tensor) != _address) throw Changed("its memory has moved");
        Adopt(tensor);
        return _address;
    }

    public override void Materialise()
    {
        if (_make is not null && _get() is null) _make();
    }

    private void Adopt(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
            throw new ArgumentException(
                $"Tensor {Name} is on {tensor.device_type}; captures read CPU memory. Use AddStaged, which copies it when Save " +
                "is called, or Track, which does this for tensors on an accelerator.");
        if (!tensor.is_contiguous())
            throw new ArgumentException(
                $"Tensor {Name} is not contiguous. Keep a contiguous() copy of it in the state, or use AddStaged.");
        (_last, _address) = (tensor, TensorMemory.AddressOf(tensor));
        _held?.Dispose();
        using (torch.no_grad()) _held = tensor.detach().DetachFromDisposeScope();
    }

    private void Forget()
    {
        _held?.Dispose();
        (_last, _held, _address) = (null, null, 0);
    }

    private InvalidOperationException Changed(string how) => new(
        $"Tensor {Name} is not the one that was added to the training state: {how}. Move and convert modules before their " +
        "tensors are added, and change tensors in place (copy_), never with set_ or resize_.");

    private static string Text(long[] shape) => string.Join(',', shape);
}
