using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Gemini.Silo.Configuration;

/// <summary>A property or a section of the configuration file, as <see cref="HostConfiguration"/> declares it.</summary>
/// <param name="Path">Its name with the names of its sections in front: "host.siloPort".</param>
/// <param name="Type">The type of its value.</param>
/// <param name="IsSection">Whether it has properties of its own.</param>
internal sealed record ConfigurationProperty(string Path, Type Type, bool IsSection)
{
    /// <summary>All properties and sections. Each section comes before its properties.</summary>
    public static ImmutableArray<ConfigurationProperty> All { get; } = [.. Below(typeof(HostConfiguration), "")];

    private static readonly FrozenDictionary<string, ConfigurationProperty> ByPath =
        All.ToFrozenDictionary(property => property.Path, StringComparer.OrdinalIgnoreCase);

    /// <summary>Its name in an <see cref="IConfiguration"/>.</summary>
    public string Key => KeyOf(Path);

    /// <summary>Which values are valid, for messages.</summary>
    public string Rule => this switch
    {
        { IsSection: true } => "a section; set its properties",
        { Type.IsEnum: true } => ChoicesOf(Type),
        _ when Type == typeof(bool) => "true or false",
        _ when Type == typeof(int) || Type == typeof(long) => "a whole number",
        _ when Type == typeof(double) => "a number",
        _ when Type == typeof(TimeSpan) => "a number of seconds, at most a week",
        _ when IsMap => "a JSON object, such as {\"a\": {\"rack\": \"1\"}}",
        _ when IsList => "a JSON list, such as [\"a\", \"b\"]",
        _ => "a text",
    };

    /// <summary>Whether it is a list or a map. Its values are set together.</summary>
    public bool IsWhole => IsMap || IsList;

    private bool IsMap => HostConfigurationJson.Options.GetTypeInfo(Type).Kind == JsonTypeInfoKind.Dictionary;

    private bool IsList => Type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(Type);

    /// <summary>The property of this name, in any letter case; null if there is none.</summary>
    public static ConfigurationProperty? Find(string path) => ByPath.GetValueOrDefault(path);

    public static string KeyOf(string path) => path.Replace(".", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);

    public static string PathOf(string key) => key.Replace(ConfigurationPath.KeyDelimiter, ".", StringComparison.Ordinal);

    /// <summary>The values of an enum, as the file writes them.</summary>
    public static string ChoicesOf(Type type) =>
        string.Join(" or ", Enum.GetNames(type).Select(name => $"\"{JsonNamingPolicy.CamelCase.ConvertName(name)}\""));

    /// <summary>The text of a value from a configuration file. A section has an empty text.</summary>
    public string? TextOf(JsonElement value) => value.ValueKind switch
    {
        _ when IsSection => "",
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };

    /// <summary>The value that a text stands for. Lists and maps are JSON, as in the configuration file.</summary>
    /// <exception cref="JsonException">The text stands for no value.</exception>
    public JsonNode? ValueOf(string? text)
    {
        if (text is null) return null;
        if (IsSection) return text is "" or "{}" ? new JsonObject() : throw new JsonException();
        if (Type == typeof(string) || Type.IsEnum) return JsonValue.Create(text);
        return JsonNode.Parse(Type == typeof(bool) ? text.ToLowerInvariant() : text, nodeOptions: null, HostConfigurationJson.DocumentOptions);
    }

    private static IEnumerable<ConfigurationProperty> Below(Type type, string prefix)
    {
        foreach (var property in HostConfigurationJson.Options.GetTypeInfo(type).Properties)
        {
            var (path, of) = (prefix + property.Name, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
            var isSection = HostConfigurationJson.Options.GetTypeInfo(of).Kind == JsonTypeInfoKind.Object;
            yield return new ConfigurationProperty(path, of, isSection);
            if (!isSection) continue;
            foreach (var below in Below(of, path + ".")) yield return below;
        }
    }
}
