using TorchSharp;

namespace Gemini.Trainer.Checkpointing;

/// <summary>What the element types are in bytes and in torch.</summary>
internal static class SafetensorsTypes
{
    public static int SizeBytes(this SafetensorsType type) => type switch
    {
        SafetensorsType.U8 => 1,
        SafetensorsType.F16 or SafetensorsType.BF16 => 2,
        SafetensorsType.I32 or SafetensorsType.F32 => 4,
        SafetensorsType.I64 or SafetensorsType.F64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown element type."),
    };

    /// <exception cref="NotSupportedException">The format has no such type, or snapshots do not carry it.</exception>
    public static SafetensorsType Of(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Byte => SafetensorsType.U8,
        torch.ScalarType.Int32 => SafetensorsType.I32,
        torch.ScalarType.Int64 => SafetensorsType.I64,
        torch.ScalarType.Float16 => SafetensorsType.F16,
        torch.ScalarType.BFloat16 => SafetensorsType.BF16,
        torch.ScalarType.Float32 => SafetensorsType.F32,
        torch.ScalarType.Float64 => SafetensorsType.F64,
        _ => throw new NotSupportedException($"A tensor of type {type} cannot be part of a training state."),
    };
}
