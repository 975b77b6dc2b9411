using System.Collections.Concurrent;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>
/// A <see cref="FakeTrainer"/> that does at once what its silo tells it: it confirms a stop, and exits when it is told to. A test does what its
/// training loop would do.
/// </summary>
/// <param name="processId">The process that the silo supervises.</param>
/// <param name="loopReturned">Tells the silo that the training loop asks for a restore point.</param>
internal sealed class ObedientTrainer(int processId, Action loopReturned) : IAsyncDisposable
{
    private readonly ConcurrentQueue<TrainerMessage> _told = new();
    private readonly Lock _gate = new();
    private FakeTrainer? _connection;
    private Task _obeying = Task.CompletedTask;
    private bool _captures;
    private SiloStop? _unconfirmed;

    public int ProcessId => processId;

    /// <summary>Its training loop does not come back from an epoch.</summary>
    public bool IsHung { get; set; }

    public Rank? Rank { get; set; }

    public Epoch Epoch { get; set; }

    public Iteration Iteration { get; set; }

    /// <summary>Says hello. Also after an earlier connection has ended.</summary>
    public async Task ConnectAsync(SupervisorFixture test)
    {
        await _obeying;
        _connection = await FakeTrainer.ConnectSilentlyAsync(test);
        _connection.Send(FakeTrainer.Hello(processId, Epoch.Value, Iteration.Value) with { Rank = Rank?.Value });
        _obeying = ObeyAsync(_connection);
    }

    public void Send(TrainerMessage message) => _connection!.Send(message);

    /// <summary>A capture has begun. Until it ends, no stop is confirmed.</summary>
    public void BeginCapture(SnapshotId snapshot)
    {
        lock (_gate) _captures = true;
        Send(new TrainerCapturing(snapshot.Epoch.Value, snapshot.Iteration.Value));
    }

    public void EndCapture()
    {
        lock (_gate)
        {
            _captures = false;
            if (_unconfirmed is { } stop) Confirm(stop);
        }
    }

    /// <summary>Whether the silo has ever told it this.</summary>
    public bool WasTold(TrainerMessage message) => _told.Contains(message);

    /// <summary>Ends the connection.</summary>
    public void HangUp() => _connection?.Dispose();

    public async ValueTask DisposeAsync()
    {
        HangUp();
        await _obeying;
    }

    private async Task ObeyAsync(FakeTrainer connection)
    {
        try
        {
            while (await connection.ReceiveAsync(Timeout.InfiniteTimeSpan) is { } message) Obey(message);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // One of the two sides has closed the connection.
        }
    }

    private void Obey(TrainerMessage message)
    {
        _told.Enqueue(message);
        if (message is SiloExit)
        {
            ProcessSignals.Send(processId, SupervisorFixture.Sigterm);
            HangUp();
        }
        else if (message is SiloStop stop)
        {
            lock (_gate)
            {
                if (_captures) _unconfirmed = stop;
                else Confirm(stop);
            }
        }
    }

    private void Confirm(SiloStop stop)
    {
        Send(new TrainerStopped(stop.Epoch));
        if (!IsHung) loopReturned();
    }
}
