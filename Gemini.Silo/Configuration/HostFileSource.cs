using System.Text.Json;

namespace Gemini.Silo.Configuration;

/// <summary>The properties that a configuration file sets. A list or a map is one value: its JSON.</summary>
/// <param name="json">The file's text, which <see cref="HostConfigurationFile.Parse"/> has accepted.</param>
internal sealed class HostFileSource(string json) : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load()
    {
        using var document = JsonDocument.Parse(json, HostConfigurationJson.DocumentOptions);
        foreach (var property in ConfigurationProperty.All)
        {
            if (Find(document.RootElement, property) is { } value) Data[property.Key] = property.TextOf(value);
        }
    }

    /// <summary>Null if the file does not set the property. A section that is null counts as absent.</summary>
    private static JsonElement? Find(JsonElement root, ConfigurationProperty property)
    {
        var at = root;
        foreach (var name in property.Path.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at)) return null;
        }

        return property.IsSection && at.ValueKind == JsonValueKind.Null ? null : at;
    }
}
