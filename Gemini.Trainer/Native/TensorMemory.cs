using TorchSharp;

namespace Gemini.Trainer.Native;

/// <summary>Raw access to a tensor's elements, without <see cref="Span{T}"/>'s limit of 2³¹ of them.</summary>
public static class TensorMemory
{
    /// <summary>Address of the first element. It stays valid as long as the tensor lives and is not resized.</summary>
    /// <exception cref="ArgumentException">The tensor is not contiguous CPU memory.</exception>
    public static unsafe nint AddressOf(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException("Only a contiguous tensor in CPU memory has an address.", nameof(tensor));
        using var flat = tensor.view(-1);
        using var first = flat.narrow(0, 0, 1); // The bytes of one element end below the limit of a span.
        fixed (byte* address = first.bytes) return (nint)address;
    }

    /// <summary>Bytes of all elements.</summary>
    public static long SizeBytesOf(torch.Tensor tensor) => tensor.numel() * tensor.ElementSize;
}
