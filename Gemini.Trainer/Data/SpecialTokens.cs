namespace Gemini.Trainer.Data;

/// <summary>The tokens of BERT and RoBERTa that stand for no byte (Devlin et al., 2019, section 3).</summary>
internal static class SpecialTokens
{
    /// <summary>[CLS]: begins each sample.</summary>
    public const long Classification = 256;

    /// <summary>[SEP]: ends each text of a sample.</summary>
    public const long Separator = 257;

    /// <summary>[MASK]: in place of a token that is to be predicted.</summary>
    public const long Mask = 258;
}
