using System.Text;

namespace Gemini.Silo.Processes;

/// <summary>Reads the lines of a program that may print anything. A line without end is cut, so memory stays bounded.</summary>
internal static class BoundedLines
{
    private const int MaxLine = 1024;

    /// <summary>Passes on every line that is not blank, until the reader ends.</summary>
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
            // The reader has failed or was disposed. The lines read so far are kept.
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
