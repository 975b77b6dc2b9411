using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Configuration;

/// <summary>docs/configuration.md names each property of the configuration file and no other, and its defaults are the program's.</summary>
public sealed partial class ConfigurationPageTests
{
    private static readonly HostConfiguration Defaults = new() { Storage = new(), Machines = new() { Process = new(), Command = new(), Kubernetes = new() } };

    private static readonly (string Property, string Default)[] Rows =
    [
        .. Row().Matches(File.ReadAllText(Repository.PathOf("docs/configuration.md")))
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value.Trim(' ', '`'))),
    ];

    [Fact]
    public void Page_NamesEachPropertyOnceAndNoOther()
    {
        // A section that may be absent has its own row, beside the rows of its properties.
        var properties = PropertiesOf(typeof(HostConfiguration), "").Concat(["machines", "storage"]).Order();

        Assert.Equal(properties, Rows.Select(row => row.Property).Order());
    }

    /// <summary>Numbers, true and false are compared. Words such as "none" or "any" are not: they say more than the value would.</summary>
    [Fact]
    public void Page_NumbersOfTheDefaults_AreTheProgramsOwn()
    {
        var stated = Rows.Where(row => IsValue(row.Default)).ToList();
        Assert.True(stated.Count > 60);
        Assert.Equal(stated.Select(row => (row.Property, DefaultOf(row.Property))), stated.Select(row => (row.Property, (string?)row.Default)));
    }

    private static bool IsValue(string cell) => cell is "true" or "false" || double.TryParse(cell, CultureInfo.InvariantCulture, out _);

    private static string? DefaultOf(string property) => property switch
    {
        // Null stands for the policy's value.
        "storage.everySeconds" => Defaults.Storage!.ToPolicy(CheckpointPolicy.Of(CheckpointMode.Marked)).Every.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        _ => property.Split('.').Aggregate(
            JsonSerializer.SerializeToNode(Defaults, HostConfigurationJson.Options), (JsonNode? node, string name) => node![name])?.ToString(),
    };

    private static IEnumerable<string> PropertiesOf(Type type, string prefix) => TypeInfo(type).Properties
        .SelectMany(property => TypeInfo(property.PropertyType).Kind == JsonTypeInfoKind.Object
            ? PropertiesOf(property.PropertyType, $"{prefix}{property.Name}.")
            : [prefix + property.Name]);

    private static JsonTypeInfo TypeInfo(Type type) => HostConfigurationJson.Options.GetTypeInfo(type);

    [GeneratedRegex("^\\| `([A-Za-z.]+)` \\|([^|]*)\\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
