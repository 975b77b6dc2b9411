using System.Text.Json;
using System.Text.Json.Serialization;
using Gemini.Silo.Registration;

namespace Gemini.Silo.Configuration;

/// <summary>A time is a number of seconds.</summary>
internal sealed class SecondsConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && Math.Abs(reader.GetDouble()) <= SectionRules.Longest.TotalSeconds)
            return TimeSpan.FromSeconds(reader.GetDouble());
        throw new JsonException($"a time is a number of seconds, at most {SectionRules.Longest.TotalSeconds} (a week).");
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue(value.TotalSeconds);
}
