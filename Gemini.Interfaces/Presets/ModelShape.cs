namespace Gemini.Interfaces.Presets;

/// <summary>The numbers that define a GPT-2 model.</summary>
/// <param name="Name">The name in <c>--model</c>.</param>
/// <param name="Layers">Transformer blocks.</param>
/// <param name="Hidden">Width of the residual stream; a multiple of <paramref name="Heads"/>.</param>
/// <param name="Heads">Attention heads per block.</param>
/// <param name="Intermediate">Width inside a block's feed-forward part.</param>
/// <param name="Context">Longest sequence, in tokens.</param>
/// <param name="Vocabulary">Number of different tokens. At least 256, because training text is read as bytes.</param>
public sealed record ModelShape(string Name, int Layers, int Hidden, int Heads, int Intermediate, int Context, int Vocabulary)
{
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
    /// Exact number of trained parameters: token and position embeddings, blocks and the last layer norm. The output head uses the token embedding's
    /// parameters.
    /// </summary>
    public long ParameterCount => (((long)Vocabulary + Context + 2) * Hidden) + (Layers * BlockParameterCount);
}
