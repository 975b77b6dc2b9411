namespace Gemini.Trainer.Checkpointing;

/// <summary>One tensor of a training state.</summary>
/// <param name="Name">Its name in the snapshot.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Pointer">First byte; 0 for a small buffer that is copied when <c>Save</c> is called.</param>
/// <param name="ByteLength">Size.</param>
/// <param name="Owner">Kept so that the memory behind the pointer lives as long as the state.</param>
internal sealed record StateTensor(string Name, SafetensorsType Type, long[] Shape, nint Pointer, long ByteLength, object? Owner);

/// <summary>The hooks of a small buffer, by the position of its tensor.</summary>
internal sealed record StateBuffer(StateTensor Tensor, Action<Span<byte>> Write, Action<ReadOnlySpan<byte>> Read);

/// <summary>One named value of a training state.</summary>
/// <param name="Name">Its key in the snapshot's metadata.</param>
/// <param name="MaxBytes">The most UTF-8 bytes that it takes as JSON, without its quotation marks.</param>
/// <param name="Get">Reads the live value.</param>
/// <param name="Set">Sets the live value from a snapshot.</param>
internal sealed record StateValue(string Name, int MaxBytes, Func<string> Get, Action<string> Set);
