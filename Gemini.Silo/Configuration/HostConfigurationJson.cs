using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gemini.Grains.Recovery;

namespace Gemini.Silo.Configuration;

/// <summary>
/// How a host configuration is written in JSON: in camelCase, and a time as a number under its name and "Seconds". By reflection: the source
/// generator would set every init-only property that the file leaves out to its type's default instead of ours.
/// </summary>
internal static class HostConfigurationJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>How JSON is read that is not turned into objects at once: as leniently.</summary>
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
        options.MakeReadOnly();
        return options;
    }

    /// <summary>
    /// A property of the file is what can be set. The others are taken out: one with an attribute that says "ignore" would be read, and have no effect.
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
