using System.Runtime.InteropServices;

namespace Gemini.Silo.Commands;

/// <summary>
/// Turns Ctrl-C, SIGTERM and a closed terminal into tokens. The first signal asks for a stop in good order; every command limits how long its stop
/// takes. A second signal ends waits that are only useful, such as the wait for storage. The stop itself is still in good order, so an impatient user
/// leaves nothing behind. SIGKILL remains for an immediate end.
/// </summary>
internal sealed class TerminationSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly PosixSignalRegistration[] _registrations;

    public TerminationSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
    ];

    public CancellationToken Token => _source.Token;

    /// <summary>The second signal.</summary>
    public CancellationToken Hurry => _hurry.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
        _hurry.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_source.IsCancellationRequested) _hurry.Cancel();
        else _source.Cancel();
    }
}
