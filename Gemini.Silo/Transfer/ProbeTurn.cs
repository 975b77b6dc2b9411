using System.Threading.Channels;

namespace Gemini.Silo.Transfer;

/// <summary>
/// A host takes part in one measurement of a path at a time, whether it measures or is measured: each of two would find the other one's traffic in its
/// link and processor. Thread-safe; one object for each silo.
/// </summary>
internal sealed class ProbeTurn
{
    /// <summary>The longest wait for a turn. Enough for twenty measurements of other hosts.</summary>
    public static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(60);

    /// <summary>Holds the turn while nobody has it.</summary>
    private readonly Channel<IDisposable> _free = Channel.CreateBounded<IDisposable>(1);

    public ProbeTurn() => Free();

    /// <summary>Whether the host takes part in a measurement.</summary>
    public bool IsTaken => !_free.Reader.TryPeek(out _);

    /// <summary>Waits until this host takes part in no measurement. Dispose the result to end the turn.</summary>
    /// <exception cref="OperationCanceledException">By <paramref name="ct"/>.</exception>
    public ValueTask<IDisposable> TakeAsync(CancellationToken ct) => _free.Reader.ReadAsync(ct);

    private void Free() => _free.Writer.TryWrite(new Turn(this));

    private sealed class Turn(ProbeTurn owner) : IDisposable
    {
        private ProbeTurn? _owner = owner;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Free();
    }
}
