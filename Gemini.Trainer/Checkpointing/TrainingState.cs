using Gemini.Trainer.Native;
using TorchSharp;

namespace Gemini.Trainer.Checkpointing;

/// <summary>
/// What one rank needs to go on training exactly where it was: its shard of parameters and optimizer moments, its random
/// number generators, its place in the data. Describes live memory and copies none of it.
/// </summary>
/// <remarks>
/// Built once, before the first <see cref="GeminiSession.RestoreAsync"/>, and the same in every process of the job's life:
/// same names, types, shapes and maximum lengths in the same order, so that every snapshot of a rank has the same size.
/// </remarks>
public sealed class TrainingState
{
    private readonly List<StateTensor> _tensors = [];
    private readonly List<StateBuffer> _buffers = [];
    private readonly List<StateValue> _values = [];
    private readonly HashSet<string> _names = [];

    internal IReadOnlyList<StateTensor> Tensors => _tensors;

    internal IReadOnlyList<StateBuffer> Buffers => _buffers;

    internal IReadOnlyList<StateValue> Values => _values;

    /// <summary>
    /// Adds a tensor whose content is the state: it is read while the next iteration computes, and written by a restore.
    /// </summary>
    /// <param name="name">Its name in the snapshot.</param>
    /// <param name="tensor">
    /// Contiguous, in CPU memory. Its storage must stay where it is for the session's life: change it in place
    /// (<c>copy_</c>, <c>add_</c>), never with <c>set_</c> or <c>resize_</c>. The state keeps a reference and does not dispose it.
    /// </param>
    /// <exception cref="ArgumentException">The tensor is not contiguous or not in CPU memory, or the name is taken.</exception>
    public TrainingState Add(string name, torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.device_type != DeviceType.CPU)
            throw new ArgumentException($"Tensor {name} is on {tensor.device_type}; it must be in CPU memory.", nameof(tensor));
        if (!tensor.is_contiguous()) throw new ArgumentException($"Tensor {name} is not contiguous.", nameof(tensor));
        var type = SafetensorsTypes.Of(tensor.dtype);
        var pointer = TensorMemory.AddressOf(tensor);
        return AddTensor(new StateTensor(name, type, tensor.shape, pointer, tensor.numel() * type.SizeBytes(), tensor));
    }

    /// <summary>Adds memory that the caller owns, as a tensor.</summary>
    /// <param name="name">Its name in the snapshot.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Dimensions; their product times the element size must be <paramref name="byteLength"/>.</param>
    /// <param name="address">First byte. The caller keeps it valid and in place for the session's life.</param>
    /// <param name="byteLength">Size in bytes.</param>
    /// <exception cref="ArgumentException">Shape and size disagree, or the name is taken.</exception>
    public TrainingState Add(string name, SafetensorsType type, ReadOnlySpan<long> shape, nint address, long byteLength)
    {
        var elements = 1L;
        foreach (var dimension in shape) elements = checked(elements * dimension);
        if (elements * type.SizeBytes() != byteLength)
            throw new ArgumentException($"Tensor {name}: {elements} elements of {type} are not {byteLength} bytes.", nameof(byteLength));
        if (address == 0 && byteLength > 0) throw new ArgumentException($"Tensor {name} has no memory.", nameof(address));
        return AddTensor(new StateTensor(name, type, shape.ToArray(), address, byteLength, null));
    }

    /// <summary>
    /// Adds a few bytes that change before the optimizer step, such as a random number generator's state. They are copied
    /// on the caller's thread when <see cref="GeminiSession.Save"/> is called.
    /// </summary>
    /// <param name="name">Its name in the snapshot, where it is a tensor of bytes.</param>
    /// <param name="length">Size in bytes, the same at every call.</param>
    /// <param name="write">Fills the span from the live state. The span is not valid after the call.</param>
    /// <param name="read">Sets the live state from the span. The span is not valid after the call.</param>
    public TrainingState AddBuffer(string name, int length, Action<Span<byte>> write, Action<ReadOnlySpan<byte>> read)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(read);
        var tensor = new StateTensor(name, SafetensorsType.U8, [length], 0, length, null);
        AddTensor(tensor);
        _buffers.Add(new StateBuffer(tensor, write, read));
        return this;
    }

    /// <summary>Adds a short text, such as the position in the data. It is read on the caller's thread when saving.</summary>
    /// <param name="name">Its key in the snapshot's metadata.</param>
    /// <param name="maxBytes">The most UTF-8 bytes it ever takes (as JSON, without quotation marks); the room is reserved.</param>
    /// <param name="get">Reads the live value.</param>
    /// <param name="set">Sets the live value from a snapshot.</param>
    public TrainingState AddValue(string name, int maxBytes, Func<string> get, Action<string> set)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        ArgumentNullException.ThrowIfNull(get);
        ArgumentNullException.ThrowIfNull(set);
        if (name.StartsWith(SafetensorsLayout.ReservedPrefix, StringComparison.Ordinal) || name == SafetensorsLayout.FormatKey)
            throw new ArgumentException($"The name {name} is reserved.", nameof(name));
        TakeName("value " + name);
        _values.Add(new StateValue(name, maxBytes, get, set));
        return this;
    }

    private TrainingState AddTensor(StateTensor tensor)
    {
        if (tensor.Name == SafetensorsLayout.MetadataKey) throw new ArgumentException($"The name {tensor.Name} is reserved.", nameof(tensor));
        TakeName(tensor.Name);
        _tensors.Add(tensor);
        return this;
    }

    private void TakeName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!_names.Add(name)) throw new ArgumentException($"The training state already has a {name}.", nameof(name));
    }
}
