using TorchSharp;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// Everything that one rank needs to continue training exactly at the same point: its shard of parameters and optimizer moments, its random number
/// generators, its position in the data. Describes live memory and copies none of it.
/// </summary>
/// <remarks>
/// <para>
/// Built once, before the first <see cref="GeminiSession.RestoreAsync"/>. For the job's whole life every process of a rank must build the same state:
/// the same names, types, shapes and maximum lengths in the same order. So every snapshot of a rank has the same size.
/// </para>
/// <para>
/// If a tensor changes only in the optimizer step, add it with <c>Add</c>: it is read while the next iteration computes. If content changes at
/// another time (in a forward pass, in the data loader), add it with <c>AddStaged</c>, <c>AddBuffer</c> or <c>AddValue</c>: it is copied when
/// <see cref="GeminiSession.Save"/> is called. <see cref="Track"/> does this for a module with its optimizer.
/// </para>
/// </remarks>
public sealed partial class TrainingState
{
    private readonly List<StateTensor> _tensors = [];
    private readonly List<StateValue> _values = [];
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<(nint Address, long ByteLength), string> _places = [];
    private readonly List<(string Name, string Of)> _aliases = [];
    private readonly List<LocatedTensor> _tied = [];
    private readonly List<Action> _refreshes = [];

    /// <summary>
    /// In the order of a snapshot's payload: tensors with large elements first; with equal element sizes, in the order in which they were added. So
    /// each tensor begins at a multiple of its element size. Readers of the format that map the file need this.
    /// </summary>
    internal IEnumerable<StateTensor> Tensors => _tensors.OrderByDescending(tensor => tensor.Type.SizeBytes());

    internal IReadOnlyList<StateValue> Values => _values;

    /// <summary>Tensors that are the same memory as another tensor. Only that other tensor is stored.</summary>
    internal IReadOnlyList<(string Name, string Of)> Aliases => _aliases;

    /// <summary>
    /// Adds a tensor that captures read in place while the next iteration computes, and that a restore writes. It may change only between
    /// <see cref="GeminiSession.WaitForCaptureAsync"/> and <see cref="GeminiSession.Save"/>.
    /// </summary>
    /// <param name="name">Its name in the snapshot.</param>
    /// <param name="tensor">
    /// Contiguous, in CPU memory. Its storage must not move while the session lives: change it in place (<c>copy_</c>, <c>add_</c>), never with
    /// <c>set_</c> or <c>resize_</c>. Every save checks this and throws if it moved. The state keeps its memory alive and does not dispose it. Two
    /// tensors that are the same memory (tied weights) are stored once.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The tensor is not contiguous or not in CPU memory, or the name is taken.
    /// </exception>
    /// <exception cref="NotSupportedException">Snapshots do not carry tensors of this type.</exception>
    public TrainingState Add(string name, torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return Add(TorchTensor.InPlace(name, () => tensor));
    }

    /// <summary>Adds memory that the caller owns, as a tensor.</summary>
    /// <param name="name">Its name in the snapshot.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">
    /// Dimensions; their product times the element size must be <paramref name="byteLength"/>.
    /// </param>
    /// <param name="address">First byte. The caller keeps it valid and in place for the session's life.</param>
    /// <param name="byteLength">Size in bytes.</param>
    /// <exception cref="ArgumentException">Shape and size disagree, or the name is taken.</exception>
    public TrainingState Add(string name, SafetensorsType type, ReadOnlySpan<long> shape, nint address, long byteLength)
    {
        var tensor = new MemoryTensor(name, type, shape, address);
        if (tensor.ByteLength != byteLength)
            throw new ArgumentException(
                $"Tensor {name}: {tensor.ByteLength / type.SizeBytes()} elements of {type} are not {byteLength} bytes.",
                nameof(byteLength));
        if (address == 0 && byteLength > 0) throw new ArgumentException($"Tensor {name} has no memory.", nameof(address));
        return Add(tensor);
    }

    /// <summary>
    /// Adds a tensor that changes at other times than the optimizer step, such as the running statistics of a
    /// BatchNorm. It is copied on the caller's thread when <see cref="GeminiSession.Save"/> is called, and keeps its
    /// type and shape in the snapshot.
    /// </summary>
    /// <param name="name">Its name in the snapshot.</param>
    /// <param name="tensor">
    /// Of any device and layout, less than 2 GiB. The state keeps a reference and does not dispose it; a restore writes
    /// into it in place.
    /// </param>
    /// <exception cref="ArgumentException">The tensor is too large, or the name is taken.</exception>
    /// <exception cref="NotSupportedException">Snapshots do not carry tensors of this type.</exception>
    public TrainingState AddStaged(string name, torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return Add(StagedTorch.Of(name, tensor, () => tensor));
    }

    /// <summary>
    /// Adds the state of a random number generator. <see cref="Track"/> adds torch's default one.
    /// </summary>
    /// <param name="name">Its name in the snapshot, where it is a tensor of bytes.</param>
    /// <param name="generator">The caller's; the state keeps a reference and does not dispose it.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public TrainingState AddGenerator(string name, torch.Generator generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return Add(StagedTorch.OfGenerator(name, generator.get_state, generator.set_state));
    }

    /// <summary>
    /// Adds a few bytes that change before the optimizer step, such as a random number generator's state. They are
    /// copied on the caller's thread when <see cref="GeminiSession.Save"/> is called.
    /// </summary>
    /// <param name="name">Its name in the snapshot, where it is a tensor of bytes.</param>
    /// <param name="length">Size in bytes, the same at every call.</param>
    /// <param name="write">Fills the span from the live state. The span is not valid after the call.</param>
    /// <param name="read">Sets the live state from the span. The span is not valid after the call.</param>
    /// <exception cref="ArgumentException">The length is not positive, or the name is taken.</exception>
    public TrainingState AddBuffer(string name, int length, Action<Span<byte>> write, Action<ReadOnlySpan<byte>> read)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(read);
        return Add(new StagedTensor(name, SafetensorsType.U8, [length], write, read));
    }

    /// <summary>
    /// Adds a short text, such as the position in the data. It is read on the caller's thread when saving.
    /// </summary>
    /// <param name="name">Its key in the snapshot's metadata.</param>
    /// <param name="maxBytes">
    /// The most UTF-8 bytes it ever takes; the room is reserved. A quotation mark, a backslash, a tabulator and a line
    /// end take two, other control characters six.
    /// </param>
    /// <param name="get">Reads the live value.</param>
    /// <param name="set">Sets the live value from a snapshot.</param>
    /// <exception cref="ArgumentException">The room is not positive, or the name is taken or reserved.</exception>
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

    /// <summary>
    /// Looks at the module and the optimizer again, and checks the tensors that are stored under another one's name.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// A tensor is no longer the one that was added, or the optimizer has got other content. The message names it.
    /// </exception>
    internal void Refresh()
    {
        foreach (var refresh in _refreshes) refresh();
        foreach (var tensor in _tied) tensor.Locate();
    }

    private TrainingState Add(StateTensor tensor)
    {
        if (tensor.Name == SafetensorsLayout.MetadataKey)
            throw new ArgumentException($"The name {tensor.Name} is reserved.");
        if (tensor.IsStaged && tensor.ByteLength > int.MaxValue)
            throw new ArgumentException(
                $"Tensor {tensor.Name} has {tensor.ByteLength} bytes; one that is copied when Save is called has less than 2 GiB.");
        TakeName(tensor.Name);
        if (tensor is not LocatedTensor located || !IsTied(located)) _tensors.Add(tensor);
        return this;
    }

    /// <summary>Whether it is the memory of another tensor, which is then the one that is stored.</summary>
    private bool IsTied(LocatedTensor tensor)
    {
        var place = (tensor.Locate(), tensor.ByteLength);
        if (place.Item1 == 0 || _places.TryAdd(place, tensor.Name)) return false;
        _aliases.Add((tensor.Name, _places[place]));
        _tied.Add(tensor);
        return true;
    }

    private void TakeName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!_names.Add(name)) throw new ArgumentException($"The training state already has a {name}.", nameof(name));
    }
}
