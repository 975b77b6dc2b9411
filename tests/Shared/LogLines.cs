using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Gemini.Testing;

/// <summary>The lines that the code under test logs. Thread safe.</summary>
internal class LogLines : ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    public IReadOnlyList<(LogLevel Level, string Text)> Lines => [.. _lines];

    public IReadOnlyList<string> All => [.. _lines.Select(line => line.Text)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, formatter(state, exception)));
}

/// <summary>The lines that one class logs.</summary>
internal sealed class LogLines<T> : LogLines, ILogger<T>;
