using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Simulation.Cluster;

/// <summary>The log of a worker agent: lines go to the trace. A failure of which nobody thought, which is logged with its place, fails the run.</summary>
internal sealed class AgentLog(World world, HostName host) : ILogger<WorkerAgent>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is not null) world.Fail($"{host}: {formatter(state, exception)}: {exception}");
        else if (logLevel >= LogLevel.Information) world.Trace(host.Value, () => formatter(state, exception));
    }
}
