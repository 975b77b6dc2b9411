using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gemini.Silo.Configuration;

/// <summary>"stay" and "exit".</summary>
internal sealed class WhenCompletedConverter() : JsonStringEnumConverter<WhenCompleted>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
