using Gemini.Interfaces.Presets;

namespace Gemini.Trainer.Data;

/// <summary>Which objective an architecture is trained with.</summary>
internal static class Objectives
{
    /// <param name="architecture">Of the model.</param>
    /// <param name="corpus">The text; kept.</param>
    /// <param name="seed">Determines masks, and which texts are pairs.</param>
    /// <param name="length">Tokens of a sample.</param>
    /// <exception cref="ArgumentException">The text has too few bytes for this length, or the length is too short.</exception>
    public static IObjective Of(Architecture architecture, ByteCorpus corpus, long seed, int length) => architecture switch
    {
        Architecture.Gpt2 => new NextToken(corpus, length),
        Architecture.Bert => new MaskedPairs(corpus, seed, length),
        Architecture.Roberta => new MaskedTokens(corpus, seed, length),
        _ => throw new ArgumentOutOfRangeException(nameof(architecture)),
    };
}
