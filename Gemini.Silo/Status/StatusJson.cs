using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gemini.Silo.Status;

/// <summary>Writes a <see cref="StatusReport"/>.</summary>
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext
{
    private static readonly StatusJson Indented = Create(new JsonSerializerOptions { WriteIndented = true });

    private static readonly StatusJson OneLine = Create(new JsonSerializerOptions());

    /// <summary>For people and tools that read a single report.</summary>
    public static string Write(StatusReport report) => JsonSerializer.Serialize(report, Indented.StatusReport);

    /// <summary>For tools that read one report after the other, each on one line.</summary>
    public static string WriteLine(StatusReport report) => JsonSerializer.Serialize(report, OneLine.StatusReport);

    // The output is not HTML, so host names and reasons stay readable.
    private static StatusJson Create(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return new StatusJson(options);
    }
}
