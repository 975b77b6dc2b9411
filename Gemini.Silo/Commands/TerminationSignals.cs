using System.Runtime.InteropServices;

namespace Gemini.Silo.Commands;

/// <summary>
/// Ctrl-C, SIGTERM and a closed terminal as a token: a stop in good order, which every command bounds by itself. A second
/// signal ends waits that are of use, such as the one for storage; the stop itself is still in good order, so that impatience leaves nothing
/// behind. SIGKILL remains.
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
