using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gemini.Silo.Configuration;

/// <summary>"default" and "fast".</summary>
internal sealed class TimingProfileConverter() : JsonStringEnumConverter<TimingProfile>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
