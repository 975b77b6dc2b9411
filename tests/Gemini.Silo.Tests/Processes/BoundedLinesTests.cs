using CsCheck;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Tests.Processes;

/// <summary>The lines of a program that may print anything.</summary>
public sealed class BoundedLinesTests
{
    private const int MaxLine = 1024;

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("one", new[] { "one" })]
    [InlineData("one\n", new[] { "one" })]
    [InlineData("one\ntwo", new[] { "one", "two" })]
    [InlineData("one\r\ntwo\r\n", new[] { "one", "two" })]
    [InlineData("\n\n  \n\t\none\n \n", new[] { "one" })]
    [InlineData("  one  \n", new[] { "one" })]
    [InlineData("a\tb\u001b[31mc\0d", new[] { "a b [31mc d" })]
    [InlineData("grün\n", new[] { "grün" })]
    public async Task Read_LinesThatAreNotBlank_WithoutControlCharacters(string text, string[] expected) => Assert.Equal(expected, await ReadAsync(new StringReader(text)));

    /// <summary>A program that never ends its line must not fill this one's memory. What follows the long line is read as usual.</summary>
    [Theory]
    [InlineData(MaxLine - 1, MaxLine - 1)]
    [InlineData(MaxLine, MaxLine)]
    [InlineData(MaxLine + 1, MaxLine)]
    [InlineData(10_000_000, MaxLine)]
    public async Task Read_LongLine_IsCut(int length, int expected) =>
        Assert.Equal([new string('x', expected), "next"], await ReadAsync(new StringReader(new string('x', length) + "\nnext")));

    /// <summary>Wherever the pipe cuts the text into pieces, the lines are the same.</summary>
    [Fact]
    public void Read_TextInPieces_IsTheSame() => Gen.Select(Gen.Char["ab \n\t"].Array[0, 40], Gen.Int[1, 7]).Sample(
        (text, piece) =>
        {
            var expected = new string(text).Replace('\t', ' ').Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);
            Assert.Equal(expected, ReadAsync(new Pieces(new string(text), piece)).GetAwaiter().GetResult());
        },
        iter: 500);

    [Fact]
    public async Task Read_ReaderFails_KeepsWhatItHasRead() => Assert.Equal(["one", "tw"], await ReadAsync(new Pieces("one\ntw", 3, new IOException("broken pipe"))));

    [Fact]
    public async Task Read_ReaderIsDisposed_KeepsWhatItHasRead() =>
        Assert.Equal(["one", "tw"], await ReadAsync(new Pieces("one\ntw", 3, new ObjectDisposedException("pipe"))));

    [Fact]
    public async Task Read_MistakeOfThisProgram_IsNotHidden() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(new Pieces("one", 3, new InvalidOperationException("a mistake"))));

    private static async Task<List<string>> ReadAsync(TextReader reader)
    {
        List<string> lines = [];
        await BoundedLines.ReadAsync(reader, lines.Add);
        return lines;
    }

    /// <summary>Gives a few characters at a time, and then ends or fails.</summary>
    private sealed class Pieces(string text, int piece, Exception? end = null) : TextReader
    {
        private int _position;

        public override Task<int> ReadAsync(char[] buffer, int index, int count) => Task.FromResult(Take(buffer.AsSpan(index, count)));

        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Take(buffer.Span));

        private int Take(Span<char> buffer)
        {
            var count = Math.Min(Math.Min(piece, text.Length - _position), buffer.Length);
            if (count == 0 && end is not null) throw end;
            text.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }
    }
}
