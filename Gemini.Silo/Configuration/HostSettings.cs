using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gemini.Silo.Configuration;

/// <summary>
/// A host's settings and their origins: its configuration file, then environment variables (<see cref="HostEnvironment"/>), then the command line.
/// The last origin that sets a property counts. A list or a map is set as a whole: no entry from an earlier origin is left. Relative paths are
/// relative to the file, even if a variable or an option sets them.
/// </summary>
internal sealed class HostSettings
{
    private readonly string _path;
    private readonly IConfigurationRoot _layers;
    private readonly Dictionary<string, CommandLineSetting> _commandLine;

    private HostSettings(string path, IConfigurationSource environment, IReadOnlyList<CommandLineSetting> commandLine)
    {
        _path = path;
        _commandLine = ByProperty(commandLine);
        var json = HostConfigurationFile.Read(path);
        _ = HostConfigurationFile.Parse(json, path);
        // In the order of SettingOrigin.
        _layers = new ConfigurationBuilder()
            .Add(new HostFileSource(json))
            .Add(environment)
            .AddInMemoryCollection(commandLine.Select(setting => KeyValuePair.Create(ConfigurationProperty.KeyOf(setting.Property), (string?)setting.Value)))
            .Build();
        foreach (var (layer, origin) in Layers().Where(layer => layer.Origin != SettingOrigin.File)) RefuseUnknown(layer, origin);
        Configuration = Bind();
    }

    /// <summary>The result of all origins together: validated, with absolute paths.</summary>
    public HostConfiguration Configuration { get; }

    /// <summary>Reads the settings of this process's host.</summary>
    /// <param name="path">The configuration file.</param>
    /// <param name="commandLine">The properties that the command line sets.</param>
    /// <exception cref="BadInputException">The file cannot be read, a property is unknown, or a value breaks a rule.</exception>
    public static HostSettings Read(string path, params IReadOnlyList<CommandLineSetting> commandLine) => new(path, HostEnvironment.Own, commandLine);

    /// <summary>The same with an environment that the caller chooses.</summary>
    /// <param name="path">The configuration file.</param>
    /// <param name="environment">Overrides the file. The command line overrides it.</param>
    /// <param name="commandLine">The properties that the command line sets.</param>
    /// <exception cref="BadInputException">The file cannot be read, a property is unknown, or a value breaks a rule.</exception>
    public static HostSettings Read(string path, IConfigurationSource environment, params IReadOnlyList<CommandLineSetting> commandLine) =>
        new(path, environment, commandLine);

    /// <summary>
    /// Every property, in the order in which <see cref="HostConfiguration"/> and its sections declare them. An absent section is one entry, whose value
    /// is null.
    /// </summary>
    public IEnumerable<HostSetting> All()
    {
        var shown = Configuration with { Redis = RedisProbe.WithoutPassword(Configuration.Redis) };
        var values = JsonSerializer.SerializeToNode(shown, HostConfigurationJson.Options);
        foreach (var property in ConfigurationProperty.All)
        {
            var names = property.Path.Split('.');
            var section = names[..^1].Aggregate(values, (node, name) => node?[name]);
            if (section is null || (property.IsSection && section[names[^1]] is not null)) continue;
            var origin = Find(property)?.Origin ?? SettingOrigin.Default;
            yield return new HostSetting(property.Path, section[names[^1]], origin, NameOf(property.Path, origin));
        }
    }

    private static Dictionary<string, CommandLineSetting> ByProperty(IReadOnlyList<CommandLineSetting> settings)
    {
        var byProperty = new Dictionary<string, CommandLineSetting>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in settings)
        {
            // .NET's own configuration writes "host:siloPort"; that form is accepted too.
            var path = ConfigurationProperty.PathOf(setting.Property);
            if (!byProperty.TryAdd(path, setting))
                throw new BadInputException($"{byProperty[path].Option} and {setting.Option} both set {path}; leave one out.");
        }

        return byProperty;
    }

    private IEnumerable<(IConfigurationProvider Layer, SettingOrigin Origin)> Layers() =>
        _layers.Providers.Select((layer, index) => (layer, SettingOrigin.File + index));

    private string? NameOf(string path, SettingOrigin origin) => origin switch
    {
        SettingOrigin.File => _path,
        SettingOrigin.Environment => HostEnvironment.VariableOf(path),
        SettingOrigin.CommandLine => _commandLine[path].Option,
        _ => null,
    };

    private (string? Text, SettingOrigin Origin)? Find(ConfigurationProperty property)
    {
        foreach (var (layer, origin) in Layers().Reverse())
        {
            if (layer.TryGet(property.Key, out var text)) return (text, origin);
        }

        return null;
    }

    /// <summary>Refuses unknown names, because a misspelt name would silently keep the property's default.</summary>
    private void RefuseUnknown(IConfigurationProvider layer, SettingOrigin origin)
    {
        foreach (var path in KeysOf(layer, null).Select(ConfigurationProperty.PathOf).Where(path => ConfigurationProperty.Find(path) is null))
        {
            var whole = Parents(path).Select(ConfigurationProperty.Find).FirstOrDefault(property => property is { IsWhole: true });
            throw new BadInputException($"{NameOf(path, origin)} is set, but " + (whole is not null
                ? $"{whole.Path} is set as a whole. Set {(origin == SettingOrigin.Environment ? NameOf(whole.Path, origin) : whole.Path)} to {whole.Rule}."
                : $"there is no property \"{path}\"; docs/configuration.md lists them all. Correct the name, or leave it out."));
        }
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (var end = path.LastIndexOf('.'); end > 0; end = path.LastIndexOf('.', end - 1)) yield return path[..end];
    }

    private static IEnumerable<string> KeysOf(IConfigurationProvider layer, string? parent)
    {
        foreach (var child in layer.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var key = parent is null ? child : ConfigurationPath.Combine(parent, child);
            if (layer.TryGet(key, out _)) yield return key;
            foreach (var below in KeysOf(layer, key)) yield return below;
        }
    }

    private HostConfiguration Bind()
    {
        var changed = new List<string>();
        var root = new JsonObject();
        foreach (var property in ConfigurationProperty.All)
        {
            if (Find(property) is not { } setting) continue;
            if (setting.Origin != SettingOrigin.File) changed.Add(NameOf(property.Path, setting.Origin)!);
            Put(root, property, ValueOf(property, setting.Text, setting.Origin));
        }

        var source = changed.Count == 0 ? _path : $"{_path} with {string.Join(", ", changed)}";
        return HostConfigurationFile.Finish(root, source, Path.GetDirectoryName(Path.GetFullPath(_path))!);
    }

    private JsonNode? ValueOf(ConfigurationProperty property, string? text, SettingOrigin origin)
    {
        try
        {
            var value = property.ValueOf(text);
            // The file's own values have been parsed once already.
            if (origin != SettingOrigin.File) _ = value.Deserialize(property.Type, HostConfigurationJson.Options);
            return value;
        }
        catch (JsonException)
        {
            throw new BadInputException($"{NameOf(property.Path, origin)} is \"{text}\", but {property.Path} is {property.Rule}; correct it, or leave it out.");
        }
    }

    private static void Put(JsonObject root, ConfigurationProperty property, JsonNode? value)
    {
        var at = root;
        var names = property.Path.Split('.');
        foreach (var name in names[..^1])
        {
            // The first property that is set in a section creates the section.
            at = (JsonObject)(at[name] ??= new JsonObject());
        }

        at[names[^1]] = value;
    }
}
