using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// The log of an agent on one host: its lines are in the trace. An exception in it is one of which nobody thought, and fails the run.
/// </summary>
/// <typeparam name="T">Whose log it is.</typeparam>
/// <param name="world">Has the trace.</param>
/// <param name="host">Where the agent is.</param>
/// <param name="said">Told of every line. Default: nobody is.</param>
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
