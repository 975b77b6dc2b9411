using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

/// <summary>docs/configuration.md names each property of the configuration file, and no other.</summary>
public sealed partial class ConfigurationPageTests
{
    [Fact]
    public void Page_NamesEachPropertyAndNoOther()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "../../../../docs/configuration.md"));
        var named = Row().Matches(page).Select(match => match.Groups[1].Value).ToHashSet();
        // A section that may be absent has a row of its own beside those of its properties.
        var properties = PropertiesOf(typeof(HostConfiguration), "").ToHashSet();

        Assert.Equal([], properties.Except(named).Order());
        Assert.Equal(["machines", "storage"], named.Except(properties).Order());
    }

    private static IEnumerable<string> PropertiesOf(Type type, string prefix) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is not null && property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .SelectMany(property =>
            {
                var name = prefix + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
                return IsSection(property.PropertyType) ? PropertiesOf(property.PropertyType, name + ".") : [name];
            });

    private static bool IsSection(Type type) =>
        type.Namespace == typeof(HostConfiguration).Namespace && type.IsClass && !typeof(IEnumerable).IsAssignableFrom(type);

    [GeneratedRegex("^\\| `([A-Za-z.]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
