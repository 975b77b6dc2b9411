namespace Gemini.Trainer.Checkpointing;

/// <summary>Element types of the safetensors format, by the format's own names.</summary>
public enum SafetensorsType
{
    U8,
    I32,
    I64,
    F16,
    BF16,
    F32,
    F64,
}
