using System.Text;

namespace Gemini.Interfaces.Wire;

/// <summary>
/// Reads the lines of the trainer socket, at either end. The peer may send anything: an endless line takes only as much memory as the longest allowed
/// line. Reads one line at a time. The caller keeps the ownership of the stream.
/// </summary>
public sealed class TrainerLineReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[TrainerProtocol.MaxLineBytes];
    private int _buffered;

    /// <summary>The next message; null if the peer has ended the connection.</summary>
    /// <exception cref="InvalidDataException">A line is too long or is not a message.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<TrainerMessage?> ReadAsync(CancellationToken ct)
    {
        while (true)
        {
            var end = _buffer.AsSpan(0, _buffered).IndexOf((byte)'\n');
            if (end >= 0) return Take(end);
            if (_buffered == _buffer.Length) throw new InvalidDataException($"A line of more than {_buffer.Length} bytes.");
            var count = await stream.ReadAsync(_buffer.AsMemory(_buffered), ct);
            if (count == 0) return null;
            _buffered += count;
        }
    }

    private TrainerMessage Take(int end)
    {
        var line = Encoding.UTF8.GetString(_buffer, 0, end);
        _buffered -= end + 1;
        _buffer.AsSpan(end + 1, _buffered).CopyTo(_buffer);
        return TrainerProtocol.Decode(line);
    }
}
