using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Sockets;

namespace Gemini.Silo.Transfer;

/// <summary>
/// One connection of the data port, for either side. It reads and writes exact lengths under a deadline, directly from and to the given memory, and
/// allocates nothing per call.
/// </summary>
/// <remarks>
/// At most one read and one write run at a time. <see cref="Arm"/> sets the deadline of everything that runs. When the deadline passes, or after
/// <see cref="Abort"/>, the running calls end with <see cref="OperationCanceledException"/>; from then on the connection can only send a
/// <see cref="SendLastAsync"/>. A broken connection throws <see cref="SocketException"/>, an ended one <see cref="EndOfStreamException"/>.
/// <see cref="IsConnectionFailure"/> knows all of these. Ownership: disposes the socket.
/// </remarks>
internal sealed class DataConnection : IDisposable
{
    /// <summary>The largest frame of the protocol is a hello of 112 bytes.</summary>
    private const int FrameBytes = 128;

    /// <summary>
    /// What the kernel collects before it wakes this process, and what is then hashed at once. It fits a core's own cache, beside the kernel's copy of it.
    /// With less, a host that sends to or receives from several peers at once mostly wakes threads.
    /// </summary>
    private const int PieceBytes = 256 * 1024;

    /// <summary>SO_MAX_PACING_RATE: the kernel spreads a connection's packets.</summary>
    private static readonly (int Level, int Name) PacingRate = (1, 47);

    /// <summary>TCP_CONGESTION, by name.</summary>
    internal static readonly (int Level, int Name) CongestionControl = (6, 13);

    private static readonly TimeSpan LastWordTimeout = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _deadline;
    private readonly byte[] _sendFrame = GC.AllocateArray<byte>(FrameBytes, pinned: true);
    private readonly byte[] _receiveFrame = GC.AllocateArray<byte>(FrameBytes, pinned: true);
    private readonly XxHash3 _hash = new();
    private int _lowWater = 1;
    private long _rateLimit;
    private bool _isMarked;

    /// <param name="socket">A connected socket.</param>
    /// <param name="time">The clock of the deadlines.</param>
    /// <param name="isMarked">Whether the connection is marked as background traffic.</param>
    public DataConnection(Socket socket, TimeProvider time, bool isMarked = true)
    {
        _socket = socket;
        _time = time;
        _deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        try
        {
            // A frame is written in one call. Nagle's algorithm would only delay it.
            socket.NoDelay = true;
            Remote = socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            // The peer has reset the connection already. The first read or write fails, and its caller handles that.
        }

        if (isMarked) Mark();
    }

    /// <summary>The peer's address; null if the peer had closed the connection already.</summary>
    public EndPoint? Remote { get; }

    /// <summary>Cancelled when the deadline has passed, and by <see cref="Abort"/>. It does not notice that the peer has closed the connection.</summary>
    public CancellationToken Ended => _deadline.Token;

    /// <summary>The outgoing queue at this moment.</summary>
    public TcpQueue Queue => TcpQueue.Of(_socket);

    /// <summary>The buffer in which the sending side builds its frames, one at a time.</summary>
    public Span<byte> SendFrame => _sendFrame;

    /// <summary>The frame that <see cref="ReceiveFrameAsync"/> read last.</summary>
    public ReadOnlySpan<byte> ReceivedFrame => _receiveFrame;

    /// <summary>Whether the network or the peer caused this failure, and not an error in this program.</summary>
    public static bool IsConnectionFailure(Exception error) =>
        error is SocketException or EndOfStreamException or OperationCanceledException or ObjectDisposedException;

    /// <summary>Why a connection failed, as text; also for a failure of this host or an error in this program.</summary>
    public static string Describe(Exception error) => error switch
    {
        OperationCanceledException => "it took too long, or was told to end",
        EndOfStreamException or ObjectDisposedException => "the connection ended",
        SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } =>
            $"this host cannot open a socket: {error.Message}. Raise the limit of open files (ulimit -n)",
        SocketException => error.Message,
        _ => $"{error.GetType().Name}: {error.Message}",
    };

#pragma warning disable RS0030 // The deadline is no linked source: it was made with the injected clock.
    /// <summary>Everything that runs now or later must end within this time, until the next call of this method or <see cref="Disarm"/>.</summary>
    public void Arm(TimeSpan timeout) => _deadline.CancelAfter(timeout);

    /// <summary>Removes the deadline until <see cref="Arm"/> is called again.</summary>
    public void Disarm() => _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
#pragma warning restore RS0030

    /// <summary>Ends everything that runs. May be called from any thread, at any time.</summary>
    public void Abort()
    {
        try
        {
            _deadline.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended by itself meanwhile.
        }
    }

    /// <summary>Limits how fast the kernel sends what is written to this connection.</summary>
    /// <param name="bytesPerSecond">The highest rate; 0: any.</param>
    public void LimitRate(long bytesPerSecond)
    {
        if (bytesPerSecond == _rateLimit) return;
        _socket.SetRawSocketOption(PacingRate.Level, PacingRate.Name, BitConverter.GetBytes(bytesPerSecond == 0 ? ulong.MaxValue : (ulong)bytesPerSecond));
        _rateLimit = bytesPerSecond;
    }

    /// <summary>From now on, what this end sends is marked as background traffic. That includes acknowledgements.</summary>
    public void Mark()
    {
        if (_isMarked) return;
        _isMarked = true;
        try
        {
            BackgroundTraffic.Mark(_socket);
        }
        catch (SocketException)
        {
            // The peer has reset the connection already. The next read or write fails, and its caller handles that.
        }
    }

    /// <summary>
    /// Fills the path with all that is written to this connection, whatever congestion control the machine uses: bbr paces short bursts by a rate that can
    /// be far below the path's. If the machine does not allow cubic, its own choice stays.
    /// </summary>
    public void FillPath()
    {
        try
        {
            _socket.SetRawSocketOption(CongestionControl.Level, CongestionControl.Name, "cubic"u8);
        }
        catch (SocketException)
        {
            // Not in this kernel, or not allowed.
        }
    }

    /// <summary>Sends the first bytes of <see cref="SendFrame"/>.</summary>
    public ValueTask SendFrameAsync(int bytes) => SendAsync(_sendFrame.AsMemory(0, bytes));

    /// <summary>Reads a frame of that size into <see cref="ReceivedFrame"/>.</summary>
    public ValueTask ReceiveFrameAsync(int bytes) => ReceiveAsync(_receiveFrame.AsMemory(0, bytes));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> source)
    {
        while (source.Length > 0) source = source[await _socket.SendAsync(source, SocketFlags.None, _deadline.Token)..];
    }

    /// <summary>
    /// Fills the target. The kernel wakes this process only when <see cref="PieceBytes"/> or the rest of the target have come, and not for each
    /// segment.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReceiveAsync(Memory<byte> target)
    {
        while (target.Length > 0) target = target[await ReceiveSomeAsync(target)..];
    }

    /// <summary>
    /// Fills the target and returns its XxHash3-64. Each piece is hashed where it was stored, while it is in the processor's cache and the next one arrives.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ulong> ReceiveHashedAsync(Memory<byte> target)
    {
        _hash.Reset();
        while (target.Length > 0)
        {
            var bytes = await ReceiveSomeAsync(target[..Math.Min(target.Length, PieceBytes)]);
            _hash.Append(target.Span[..bytes]);
            target = target[bytes..];
        }

        return _hash.GetCurrentHashAsUInt64();
    }

    /// <summary>
    /// Sends a frame that says why the connection ends, and gives the peer time to read it. For at most a second, bytes that the peer still sends are
    /// read and dropped: closing a connection with unread bytes would reset it, and the peer would lose the frame.
    /// </summary>
    public async Task SendLastAsync(int frameBytes)
    {
        try
        {
            using var deadline = new CancellationTokenSource(LastWordTimeout, _time);
            await _socket.SendAsync(_sendFrame.AsMemory(0, frameBytes), SocketFlags.None, deadline.Token);
            _socket.Shutdown(SocketShutdown.Send);
            WakeAt(1);
            var dropped = new byte[64 * 1024];
            while (await _socket.ReceiveAsync(dropped, SocketFlags.None, deadline.Token) > 0)
            {
            }
        }
        catch (Exception error) when (IsConnectionFailure(error))
        {
            // The connection ends in any case.
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveSomeAsync(Memory<byte> target)
    {
        WakeAt(Math.Min(target.Length, PieceBytes));
        var bytes = await _socket.ReceiveAsync(target, SocketFlags.None, _deadline.Token);
        return bytes > 0 ? bytes : throw new EndOfStreamException();
    }

    private void WakeAt(int bytes)
    {
        if (bytes == _lowWater) return;
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReceiveLowWater, bytes);
        _lowWater = bytes;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _deadline.Dispose();
    }
}
