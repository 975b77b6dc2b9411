using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// One root agent's log: its lines are in the trace. An exception in it is one that nobody expects, and fails the run. Each change of phase is
/// said, so the truths look at the phase with every line.
/// </summary>
internal sealed class RootLines(World world, RootActivation root) : ILogger
{
    private (JobPhase Phase, string Reason)? _last;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        world.Trace(root.Silo.Host.Value, () => formatter(state, exception));
        if (exception is not null) world.Broke(exception);
        if (root.Coordinator is not { } coordinator || _last == (coordinator.Phase, coordinator.Reason)) return;
        _last = (coordinator.Phase, coordinator.Reason);
        world.Truths.Entered(root, coordinator);
    }
}
