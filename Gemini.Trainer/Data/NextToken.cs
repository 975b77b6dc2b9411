using TorchSharp;

namespace Gemini.Trainer.Data;

/// <summary>GPT-2's objective: each token's successor. A sample is a window of the text, its targets are the window one byte later.</summary>
internal sealed class NextToken : IObjective
{
    private readonly TextWindows _windows;

    /// <param name="corpus">The text; kept.</param>
    /// <param name="length">Tokens of a sample.</param>
    /// <exception cref="ArgumentException">The text is shorter than one sample.</exception>
    public NextToken(ByteCorpus corpus, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        (Length, _windows) = (length, new TextWindows(corpus, length, lookaheadBytes: 1));
        if (WindowCount < 1)
            throw new ArgumentException($"A text of {corpus.SizeBytes} bytes is shorter than a sequence of {length} tokens.", nameof(corpus));
    }

    public int Length { get; }

    public long WindowCount => _windows.Count;

    public Batch Make(IReadOnlyList<WindowVisit> visits)
    {
        long[] inputs = new long[visits.Count * Length], targets = new long[visits.Count * Length];
        for (var row = 0; row < visits.Count; row++)
        {
            var window = _windows[visits[row].Window];
            for (var i = 0; i < Length; i++)
                (inputs[(row * Length) + i], targets[(row * Length) + i]) = (window[i], window[i + 1]);
        }

        long[] shape = [visits.Count, Length];
        return new Batch(torch.tensor(inputs, shape), torch.tensor(targets, shape));
    }
}
