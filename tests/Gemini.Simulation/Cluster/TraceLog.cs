using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Simulation.Cluster;

/// <summary>The log of an agent on one host. Its lines go to the trace. An exception in a line is unexpected, and fails the run.</summary>
/// <typeparam name="T">The agent's type.</typeparam>
/// <param name="world">Has the trace.</param>
/// <param name="host">The agent's host.</param>
/// <param name="said">Called after every line. Default: no call.</param>
internal sealed class TraceLog<T>(World world, HostName host, Action? said = null) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        world.Trace(host.Value, () => formatter(state, exception));
        if (exception is not null) world.Fail($"{host}: {formatter(state, exception)}: {exception}");
        said?.Invoke();
    }
}
