using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>The silo's end of one trainer's connection: bounded lines in, queued messages out.</summary>
internal sealed class TrainerConnection : IAsyncDisposable
{
    /// <summary>A few messages per iteration are sent; a trainer that leaves this many unread is stuck.</summary>
    private const int MaxUnsent = 256;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly byte[] _buffer = new byte[TrainerProtocol.MaxLineBytes];
    private readonly Channel<TrainerMessage> _outgoing =
        Channel.CreateBounded<TrainerMessage>(new BoundedChannelOptions(MaxUnsent) { SingleReader = true });

    private readonly Task _writing;
    private int _buffered;
    private int _closed;

    public TrainerConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _writing = WriteAsync();
    }

    /// <summary>Queues a message. A trainer that does not read loses its connection.</summary>
    public void Send(TrainerMessage message)
    {
        if (!_outgoing.Writer.TryWrite(message)) Close();
    }

    /// <summary>The next message; null when the peer has ended the connection.</summary>
    /// <exception cref="InvalidDataException">A line is too long or no message.</exception>
    public async Task<TrainerMessage?> ReceiveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var end = _buffer.AsSpan(0, _buffered).IndexOf((byte)'\n');
            if (end >= 0) return Take(end);
            if (_buffered == _buffer.Length) throw new InvalidDataException($"A line of more than {_buffer.Length} bytes.");
            var count = await ReadAsync(cancellation);
            if (count == 0) return null;
            _buffered += count;
        }
    }

    /// <summary>Ends the connection; a pending receive returns null.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        _outgoing.Writer.TryComplete();
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The peer was faster.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await _writing;
        await _stream.DisposeAsync();
    }

    private async Task<int> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await _stream.ReadAsync(_buffer.AsMemory(_buffered), cancellation);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private TrainerMessage Take(int end)
    {
        var line = Encoding.UTF8.GetString(_buffer, 0, end);
        _buffered -= end + 1;
        _buffer.AsSpan(end + 1, _buffered).CopyTo(_buffer);
        return TrainerProtocol.Decode(line);
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync()) await _stream.WriteAsync(TrainerProtocol.Encode(message));
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The receiving side sees the end too.
        }
    }
}
