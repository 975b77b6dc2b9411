using TorchSharp;

namespace Gemini.Trainer.Client.Native;

/// <summary>Raw access to a tensor's elements, without the limit of <see cref="Span{T}"/> to fewer than 2³¹ elements.</summary>
internal static class TensorMemory
{
    /// <summary>
    /// Address of the first element; 0 for a tensor without elements. It stays valid as long as the tensor lives and is
    /// not resized.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is not contiguous CPU memory.</exception>
    public static unsafe nint AddressOf(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException("Only a contiguous tensor in CPU memory has an address.", nameof(tensor));
        if (tensor.numel() == 0) return 0;
        if (SizeBytesOf(tensor) <= int.MaxValue) return First(tensor);
        using var flat = tensor.view(-1);
        using var first = flat.narrow(0, 0, 1); // The bytes of one element end below the limit of a span.
        return First(first);
    }

    /// <summary>Bytes of all elements.</summary>
    public static long SizeBytesOf(torch.Tensor tensor) => tensor.numel() * tensor.ElementSize;

    /// <summary>Copies all elements into the span, from any device and with any strides.</summary>
    /// <param name="tensor">Of any device and layout. It is not changed.</param>
    /// <param name="target">Exactly <see cref="SizeBytesOf"/> bytes.</param>
    public static unsafe void CopyOut(torch.Tensor tensor, Span<byte> target)
    {
        using var scope = torch.NewDisposeScope();
        using var gradient = torch.no_grad();
        var source = IsPlain(tensor) ? tensor : tensor.detach().cpu().contiguous();
        new ReadOnlySpan<byte>((void*)AddressOf(source), target.Length).CopyTo(target);
    }

    /// <summary>Sets all elements from the span, in place, on any device and with any strides.</summary>
    /// <param name="tensor">Of any device and layout.</param>
    /// <param name="source">Exactly <see cref="SizeBytesOf"/> bytes.</param>
    public static unsafe void CopyIn(ReadOnlySpan<byte> source, torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        using var gradient = torch.no_grad();
        var target = IsPlain(tensor) ? tensor : torch.empty(tensor.shape, dtype: tensor.dtype);
        source.CopyTo(new Span<byte>((void*)AddressOf(target), source.Length));
        if (!ReferenceEquals(target, tensor)) tensor.copy_(target);
    }

    private static bool IsPlain(torch.Tensor tensor) => tensor.device_type == DeviceType.CPU && tensor.is_contiguous();

    private static unsafe nint First(torch.Tensor tensor)
    {
        fixed (byte* address = tensor.bytes) return (nint)address;
    }
}
