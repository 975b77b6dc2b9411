namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// One tensor of a training state: its name, type and shape in a snapshot. A subclass knows where its bytes are.
/// </summary>
internal abstract class StateTensor
{
    protected StateTensor(string name, SafetensorsType type, ReadOnlySpan<long> shape)
    {
        (Name, Type, Shape) = (name, type, shape.ToArray());
        var elements = 1L;
        foreach (var dimension in shape) elements = checked(elements * dimension);
        ByteLength = checked(elements * type.SizeBytes());
    }

    public string Name { get; }

    public SafetensorsType Type { get; }

    public long[] Shape { get; }

    public long ByteLength { get; }

    /// <summary>
    /// True: the bytes are copied when <c>Save</c> is called. False: the capture thread reads them in place while the next iteration computes.
    /// </summary>
    public abstract bool IsStaged { get; }
}

/// <summary>
/// A tensor whose bytes are copied by two delegates, on the thread that saves or restores. So it may change at any time after <c>Save</c>.
/// </summary>
/// <param name="name">Its name in the snapshot.</param>
/// <param name="type">Element type.</param>
/// <param name="shape">Dimensions.</param>
/// <param name="write">Fills the span from the live state.</param>
/// <param name="read">Sets the live state from the span.</param>
internal sealed class StagedTensor(
    string name, SafetensorsType type, ReadOnlySpan<long> shape, Action<Span<byte>> write, Action<ReadOnlySpan<byte>> read)
    : StateTensor(name, type, shape)
{
    public override bool IsStaged => true;

    public Action<Span<byte>> Write { get; } = write;

    public Action<ReadOnlySpan<byte>> Read { get; } = read;
}

/// <summary>A tensor that captures read in place and restores write in place.</summary>
internal abstract class LocatedTensor(string name, SafetensorsType type, ReadOnlySpan<long> shape)
    : StateTensor(name, type, shape)
{
    public override bool IsStaged => false;

    /// <summary>
    /// The present address of its bytes, valid until the state changes again; 0 if it has no memory. Then it reads as zeros. Called at each save and
    /// restore, on the thread that saves or restores.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is no longer the tensor that was added to the state.</exception>
    public abstract nint Locate();

    /// <summary>Gives it memory before a restore, if it has none.</summary>
    public virtual void Materialise()
    {
    }
}

/// <summary>A tensor in memory that the user owns and keeps in place.</summary>
internal sealed class MemoryTensor(string name, SafetensorsType type, ReadOnlySpan<long> shape, nint address)
    : LocatedTensor(name, type, shape)
{
    public override nint Locate() => address;
}

/// <summary>One named value of a training state.</summary>
/// <param name="Name">Its key in the snapshot's metadata.</param>
/// <param name="MaxBytes">The most UTF-8 bytes that it takes as JSON, without its quotation marks.</param>
/// <param name="Get">Reads the live value.</param>
/// <param name="Set">Sets the live value from a snapshot.</param>
internal sealed record StateValue(string Name, int MaxBytes, Func<string> Get, Action<string> Set);
