namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>Element types of the safetensors format, with the format's own names.</summary>
public enum SafetensorsType
{
    BOOL,
    U8,
    I8,
    I16,
    I32,
    I64,
    F16,
    BF16,
    F32,
    F64,

    /// <summary>Complex numbers of two F32. The format has no complex type of two F64.</summary>
    C64,
}
