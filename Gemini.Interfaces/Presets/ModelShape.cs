namespace Gemini.Interfaces.Presets;

/// <summary>The numbers that define a model.</summary>
/// <param name="Name">The name in <c>--model</c>.</param>
/// <param name="Architecture">The kind of transformer.</param>
/// <param name="Layers">Transformer blocks.</param>
/// <param name="Hidden">Width of the residual stream; a multiple of <paramref name="Heads"/>.</param>
/// <param name="Heads">Attention heads per block.</param>
/// <param name="Intermediate">Width inside a block's feed-forward part.</param>
/// <param name="Context">Longest sequence, in tokens.</param>
/// <param name="Vocabulary">Number of different tokens, at least <see cref="VocabularyMin"/>.</param>
public sealed record ModelShape(
    string Name, Architecture Architecture, int Layers, int Hidden, int Heads, int Intermediate, int Context, int Vocabulary)
{
    /// <summary>The fewest tokens: training text is read as bytes, and BERT and RoBERTa have three special tokens beside these.</summary>
    public int VocabularyMin => Architecture == Architecture.Gpt2 ? 256 : 259;

    /// <summary>Parameters of one block: two layer norms, attention and feed-forward, all with biases.</summary>
    /// <remarks>
    /// 4h² + 2hi + 9h + i with h = <see cref="Hidden"/>, i = <see cref="Intermediate"/>; 12h² + 13h for the usual i = 4h.
    /// </remarks>
    public long BlockParameterCount
    {
        get
        {
            long hidden = Hidden, intermediate = Intermediate;
            return (4 * hidden * hidden) + (2 * hidden * intermediate) + (9 * hidden) + intermediate;
        }
    }

    /// <summary>
    /// Exact number of trained parameters. All architectures: token and position embeddings, blocks, and a layer norm after the last block (GPT-2) or
    /// after the embeddings (BERT, RoBERTa). The output head uses the token embedding's parameters.
    /// </summary>
    public long ParameterCount => (((long)Vocabulary + Context + 2) * Hidden) + (Layers * BlockParameterCount) + Architecture switch
    {
        Architecture.Gpt2 => 0,
        Architecture.Bert => MaskedHeadParameterCount + NextSentenceParameterCount,
        _ => MaskedHeadParameterCount,
    };

    /// <summary>The head for masked tokens: a dense layer, a layer norm, and a bias for each token.</summary>
    private long MaskedHeadParameterCount => (((long)Hidden + 3) * Hidden) + Vocabulary;

    /// <summary>Two segment embeddings, the pooler, and the classifier with two outputs.</summary>
    private long NextSentenceParameterCount => (((long)Hidden + 5) * Hidden) + 2;
}
