using System.Text;

namespace Gemini.Silo.Processes;

/// <summary>Lines of a program that may print anything: one without end is cut, and takes no more memory.</summary>
internal static class BoundedLines
{
    private const int MaxLine = 1024;

    /// <summary>Passes every line that is not blank on, until the reader's end.</summary>
    public static async Task ReadAsync(TextReader reader, Action<string> take)
    {
        var buffer = new char[1024];
        var line = new StringBuilder();
        try
        {
            for (int read; (read = await reader.ReadAsync(buffer)) > 0;)
            {
                foreach (var character in buffer.AsSpan(0, read))
                {
                    if (character == '\n') Flush();
                    else if (line.Length < MaxLine) line.Append(char.IsControl(character) ? ' ' : character);
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Whoever reads has what there was.
        }

        Flush();

        void Flush()
        {
            var text = line.ToString().Trim();
            line.Clear();
            if (text.Length > 0) take(text);
        }
    }
}
