namespace Gemini.Trainer.Data;

/// <summary>The training text, cut into windows of the same number of bytes. What remains at the end is left out.</summary>
/// <param name="corpus">The text; kept.</param>
/// <param name="sizeBytes">Bytes of a window.</param>
/// <param name="lookaheadBytes">How many bytes a window shows of what follows it.</param>
internal sealed class TextWindows(ByteCorpus corpus, int sizeBytes, int lookaheadBytes = 0)
{
    public long Count { get; } = Math.Max(0, (corpus.SizeBytes - (long)lookaheadBytes) / sizeBytes);

    /// <summary>The bytes of a window, and those that it shows of what follows.</summary>
    public ReadOnlySpan<byte> this[long window] => corpus.Text.Slice((int)(window * sizeBytes), sizeBytes + lookaheadBytes);
}
