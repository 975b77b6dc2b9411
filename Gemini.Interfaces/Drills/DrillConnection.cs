using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Gemini.Interfaces.Files;

namespace Gemini.Interfaces.Drills;

/// <summary>A process's connection to the controller of a drill. The drill can hold the process only at the moment that the controller has armed.</summary>
/// <remarks>
/// Lines of text. To the controller: <c>hello HOST</c>, <c>armed ID</c>, <c>reached ID VALUE</c>. From the controller: <c>arm ID MOMENT FROM</c>,
/// which replaces the moment armed before, and <c>release ID</c>. Nothing is sent for a moment that is not armed. If the controller's connection ends,
/// a held process continues. No process is held longer than <see cref="HoldLimit"/>.
/// </remarks>
public sealed class DrillConnection : IDisposable
{
    /// <summary>
    /// Far longer than a kill takes. Shorter than the limits after which other parts of the job take a final step by themselves, such as a trainer
    /// without a silo that exits after 60 s.
    /// </summary>
    public static readonly TimeSpan HoldLimit = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private volatile Armed? _armed;

    private DrillConnection(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        _reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
    }

    /// <exception cref="IOException">Nobody listens there.</exception>
    public static DrillConnection Open(string path, string host, TimeProvider time)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            if (PeerCredentials.Problem(socket) is { } stranger)
            {
                socket.Dispose();
                throw new IOException($"{path} does not belong to a drill of this user: {stranger}; remove drillSocket from the host's configuration.");
            }
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new IOException($"No drill listens at {path} ({error.Message}); remove drillSocket from the host's configuration.", error);
        }

        var connection = new DrillConnection(socket, time);
        connection.Send($"hello {host}");
        _ = Task.Factory.StartNew(connection.Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return connection;
    }

    /// <summary>
    /// Completes at once unless this moment is armed. If it is armed, completes when the controller releases it, or after <see cref="HoldLimit"/>.
    /// </summary>
    public ValueTask ReachAsync(Moment moment, long value) =>
        _armed is { } armed && armed.Moment == moment && value >= armed.From ? new ValueTask(HoldAsync(armed, value)) : ValueTask.CompletedTask;

    public void Dispose()
    {
        Release(null);
        _socket.Dispose();
        _reader.Dispose();
    }

    private async Task HoldAsync(Armed armed, long value)
    {
        Send(string.Create(CultureInfo.InvariantCulture, $"reached {armed.Id} {value}"));
        await Task.WhenAny(armed.Released.Task, Task.Delay(HoldLimit, _time));
    }

    private void Read()
    {
        try
        {
            while (_reader.ReadLine() is { } line) Obey(line.Split(' '));
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or FormatException or ArgumentException)
        {
            // The drill has ended, or the peer does not speak this protocol.
        }

        Release(null);
    }

    private void Obey(string[] words)
    {
        switch (words)
        {
            case ["arm", var id, var moment, var from]:
                Release(null);
                _armed = new Armed(id, Enum.Parse<Moment>(moment), long.Parse(from, CultureInfo.InvariantCulture));
                Send($"armed {id}");
                break;
            case ["release", var id]:
                Release(id);
                break;
            default:
                throw new FormatException($"'{string.Join(' ', words)}' is not a command of a drill.");
        }
    }

    /// <summary>Disarms the moment of this id and lets a process that is held at it continue; null: of any id.</summary>
    private void Release(string? id)
    {
        if (_armed is not { } armed || (id is not null && armed.Id != id)) return;
        _armed = null;
        armed.Released.TrySetResult();
    }

    private void Send(string line)
    {
        try
        {
            lock (_gate) _socket.Send(Encoding.ASCII.GetBytes(line + "\n"));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Release(null);
        }
    }

    private sealed record Armed(string Id, Moment Moment, long From)
    {
        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
