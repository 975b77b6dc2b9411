using System.Net.Sockets;
using System.Threading.Channels;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>The silo's side of one trainer's connection. It receives lines of bounded length and sends queued messages.</summary>
internal sealed class TrainerConnection : IAsyncDisposable
{
    /// <summary>The silo sends a few messages per iteration. A trainer that leaves this many unread is stuck.</summary>
    private const int MaxUnsent = 256;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly TrainerLineReader _reader;
    private readonly Channel<TrainerMessage> _outgoing =
        Channel.CreateBounded<TrainerMessage>(new BoundedChannelOptions(MaxUnsent) { SingleReader = true });

    private readonly Task _writing;
    private int _closed;

    public TrainerConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new TrainerLineReader(_stream);
        _writing = WriteAsync();
    }

    /// <summary>Queues a message. If the trainer does not read, its connection is closed.</summary>
    public void Send(TrainerMessage message)
    {
        if (!_outgoing.Writer.TryWrite(message)) Close();
    }

    /// <summary>The next message; null if the peer has ended the connection.</summary>
    /// <exception cref="InvalidDataException">A line is too long or no message.</exception>
    public async Task<TrainerMessage?> ReceiveAsync(CancellationToken cancellation)
    {
        try
        {
            return await _reader.ReadAsync(cancellation);
        }
        catch (IOException)
        {
            return null;
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
            // The peer has closed the connection already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await _writing;
        await _stream.DisposeAsync();
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync()) await _stream.WriteAsync(TrainerProtocol.Encode(message));
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The receiving method notices the end, too.
        }
    }
}
