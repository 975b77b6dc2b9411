namespace Gemini.Trainer.Data;

/// <summary>Chooses the tokens that a model must predict, and hides them.</summary>
/// <remarks>
/// Devlin et al., 2019, section 3.1, task 1: 15 % of the positions, at random. Of these, 80 % become [MASK], 10 % a random token and 10 % stay as they
/// are. As in the authors' program, every sample has the same number of masked tokens, special tokens are never chosen, and each choice between the
/// three is independent. Checked by: MaskingTests.
/// </remarks>
internal static class Masking
{
    private const double ChosenShare = 0.15;

    /// <summary>How many of a sample's tokens are masked.</summary>
    /// <param name="textTokens">Its tokens that stand for bytes, at least 1.</param>
    public static int Count(int textTokens) => Math.Max(1, (int)Math.Round(ChosenShare * textTokens));

    /// <summary>Masks one sample.</summary>
    /// <param name="tokens">The sample. Chosen tokens are replaced in place.</param>
    /// <param name="random">Determines everything.</param>
    /// <returns>The chosen positions, ascending, and the tokens that were there.</returns>
    public static (int[] Positions, long[] Targets) Mask(Span<long> tokens, SplitMix64 random)
    {
        var positions = Choose(tokens, random);
        var targets = new long[positions.Length];
        for (var index = 0; index < positions.Length; index++)
        {
            ref var token = ref tokens[positions[index]];
            targets[index] = token;
            token = random.Below(10) switch
            {
                < 8 => SpecialTokens.Mask,
                8 => random.Below(256),
                _ => token,
            };
        }

        return (positions, targets);
    }

    /// <summary>The beginning of a random order of all text positions (Fisher and Yates), sorted.</summary>
    private static int[] Choose(ReadOnlySpan<long> tokens, SplitMix64 random)
    {
        var text = new List<int>(tokens.Length);
        for (var position = 0; position < tokens.Length; position++)
        {
            if (tokens[position] < SpecialTokens.Classification) text.Add(position);
        }

        var count = Count(text.Count);
        for (var index = 0; index < count; index++)
        {
            var other = index + (int)random.Below(text.Count - index);
            (text[index], text[other]) = (text[other], text[index]);
        }

        int[] chosen = [.. text.Take(count)];
        Array.Sort(chosen);
        return chosen;
    }
}
