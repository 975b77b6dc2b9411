using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gemini.Silo.Configuration;

/// <summary>
/// How a host configuration is written in JSON: in camelCase, and a time as a number under its name and "Seconds". By reflection: the source
/// generator would set every init-only property that the file leaves out to its type's default instead of ours.
/// </summary>
internal static class HostConfigurationJson
{
    public static JsonSerializerOptions Options { get; } = Create();

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
            TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(NameUnits),
        };
        options.Converters.Add(new SecondsConverter());
        options.MakeReadOnly();
        return options;
    }

    private static void NameUnits(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.PropertyType == typeof(TimeSpan))) property.Name += "Seconds";
    }
}
