using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gemini.Silo.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Gemini.Silo.Hosting;

/// <summary>
/// Writes one JSON object per line, as the framework's JSON console does, and adds the host: people read the logs of all hosts together, and a
/// collector need not know which machine a host was on. The framework's own formatter has no place for the host.
/// </summary>
internal sealed class HostJsonFormatter(HostConfiguration configuration, TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "gemini-json";

    /// <summary>Escapes only what JSON requires, because a log is not a web page.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (message is null && logEntry.Exception is null) return;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("Timestamp", time.GetUtcNow().ToString(HostLogging.InstantFormat, CultureInfo.InvariantCulture));
            json.WriteString("Host", configuration.Host.Name);
            json.WriteNumber("EventId", logEntry.EventId.Id);
            json.WriteString("LogLevel", logEntry.LogLevel.ToString());
            json.WriteString("Category", logEntry.Category);
            json.WriteString("Message", message);
            if (logEntry.Exception is { } exception) json.WriteString("Exception", exception.ToString());
            if (logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> state) WriteState(json, state);
            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteState(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> state)
    {
        json.WriteStartObject("State");
        foreach (var (name, value) in state)
        {
            json.WritePropertyName(name);
            switch (value)
            {
                case bool truth: json.WriteBooleanValue(truth); break;
                case int number: json.WriteNumberValue(number); break;
                case long number: json.WriteNumberValue(number); break;
                case ulong number: json.WriteNumberValue(number); break;
                case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
                case float number when float.IsFinite(number): json.WriteNumberValue(number); break;
                case decimal number: json.WriteNumberValue(number); break;
                case null: json.WriteNullValue(); break;
                default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
            }
        }

        json.WriteEndObject();
    }
}
