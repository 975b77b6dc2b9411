using TorchSharp;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>The size of the element types, and their torch types.</summary>
internal static class SafetensorsTypes
{
    public static int SizeBytes(this SafetensorsType type) => type switch
    {
        SafetensorsType.BOOL or SafetensorsType.U8 or SafetensorsType.I8 => 1,
        SafetensorsType.I16 or SafetensorsType.F16 or SafetensorsType.BF16 => 2,
        SafetensorsType.I32 or SafetensorsType.F32 => 4,
        SafetensorsType.I64 or SafetensorsType.F64 or SafetensorsType.C64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown element type."),
    };

    /// <summary>
    /// Type and shape of a tensor in a snapshot: the tensor's own, except for complex numbers of two F64. The format has no such type, so they are
    /// stored as F64 with a last dimension of 2, like <c>torch.view_as_real</c> shows them.
    /// </summary>
    /// <exception cref="NotSupportedException">Snapshots do not carry this type; the message names the fix.</exception>
    public static (SafetensorsType Type, long[] Shape) Of(string name, torch.ScalarType type, long[] shape) =>
        type switch
        {
            torch.ScalarType.Bool => (SafetensorsType.BOOL, shape),
            torch.ScalarType.Byte => (SafetensorsType.U8, shape),
            torch.ScalarType.Int8 => (SafetensorsType.I8, shape),
            torch.ScalarType.Int16 => (SafetensorsType.I16, shape),
            torch.ScalarType.Int32 => (SafetensorsType.I32, shape),
            torch.ScalarType.Int64 => (SafetensorsType.I64, shape),
            torch.ScalarType.Float16 => (SafetensorsType.F16, shape),
            torch.ScalarType.BFloat16 => (SafetensorsType.BF16, shape),
            torch.ScalarType.Float32 => (SafetensorsType.F32, shape),
            torch.ScalarType.Float64 => (SafetensorsType.F64, shape),
            torch.ScalarType.ComplexFloat32 => (SafetensorsType.C64, shape),
            torch.ScalarType.ComplexFloat64 => (SafetensorsType.F64, [.. shape, 2]),
            _ => throw new NotSupportedException(
                $"Tensor {name} is of type {type}, which a snapshot cannot carry. Add its content as another type, such " +
                "as int_repr() of a quantized tensor."),
        };
}
