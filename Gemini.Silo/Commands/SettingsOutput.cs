using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Commands;

/// <summary>
/// Writes the value of every property and where the value comes from. As text: property, origin and value in columns; the value is JSON up to the end
/// of the line. As JSON: one object per line. "--set PROPERTY=VALUE" accepts each written value, except the password of Redis, which is not written.
/// </summary>
internal static class SettingsOutput
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteText(HostSettings settings, TextWriter output)
    {
        var all = settings.All().ToList();
        var (properties, origins) = (all.Max(setting => setting.Property.Length), all.Max(setting => Word(setting.Origin).Length));
        foreach (var setting in all)
            output.WriteLine($"{setting.Property.PadRight(properties)}  {Word(setting.Origin).PadRight(origins)}  {Text(setting.Value)}");
    }

    public static void WriteJson(HostSettings settings, TextWriter output)
    {
        foreach (var setting in settings.All())
        {
            var line = new JsonObject
            {
                ["property"] = setting.Property,
                ["value"] = setting.Value?.DeepClone(),
                ["origin"] = Word(setting.Origin),
                ["name"] = setting.Name,
            };
            output.WriteLine(line.ToJsonString(Readable));
        }
    }

    private static string Text(JsonNode? value) => value?.ToJsonString(Readable) ?? "null";

    private static string Word(SettingOrigin origin) => origin switch
    {
        SettingOrigin.File => "file",
        SettingOrigin.Environment => "environment",
        SettingOrigin.CommandLine => "command line",
        _ => "default",
    };
}
