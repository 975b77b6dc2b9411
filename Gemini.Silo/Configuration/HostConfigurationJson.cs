using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Configuration;

/// <summary>
/// How a host configuration is written in JSON: in camelCase, and a time as a number under its name plus "Seconds". Uses reflection, because the
/// source generator would set every init-only property that the file leaves out to the default of its type instead of our default.
/// </summary>
internal static class HostConfigurationJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>How to read JSON that becomes objects only later: as leniently as <see cref="Options"/>.</summary>
    public static JsonDocumentOptions DocumentOptions => new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            ReadCommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            WriteIndented = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(Describe),
        };
        options.Converters.Add(new SecondsConverter());
        options.Converters.Add(new JsonStringEnumConverter<CheckpointMode>(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.MakeReadOnly();
        return options;
    }

    /// <summary>
    /// Only a property that can be set belongs to the file. The other properties are removed here. With an "ignore" attribute instead, the file could
    /// still name such a property, without effect.
    /// </summary>
    private static void Describe(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.ToList())
        {
            if (property.Set is null || HasSectionOfItsOwn(type, property)) type.Properties.Remove(property);
            else if (property.PropertyType == typeof(TimeSpan)) property.Name += "Seconds";
        }
    }

    private static bool HasSectionOfItsOwn(JsonTypeInfo type, JsonPropertyInfo property) =>
        type.Type == typeof(CoordinatorOptions) && property.Name is "health" or "machines";
}
