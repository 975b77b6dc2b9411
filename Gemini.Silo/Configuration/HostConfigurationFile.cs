using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gemini.Silo.Configuration;

/// <summary>
/// The host's configuration file: JSON in camelCase; comments and trailing commas are welcome, unknown properties are not, because a
/// misspelt one would silently mean its default. Relative paths in it are relative to the file.
/// </summary>
public static partial class HostConfigurationFile
{
    private static readonly Type[] Enums = [typeof(TimingProfile), typeof(WhenCompleted)];

    /// <exception cref="BadInputException">The file cannot be read, is not such JSON, or breaks a rule.</exception>
    public static HostConfiguration Load(string path) => Load(path, new HostOverrides(null, null));

    /// <param name="path">The file.</param>
    /// <param name="overrides">What the command line says instead of the file.</param>
    /// <exception cref="BadInputException">The file cannot be read, is not such JSON, or breaks a rule.</exception>
    internal static HostConfiguration Load(string path, HostOverrides overrides)
    {
        var written = Parse(Read(path), path);
        var configuration = Resolve(written with { Host = overrides.Apply(written.Host) }, Path.GetDirectoryName(Path.GetFullPath(path))!);
        var problems = HostConfigurationValidator.Validate(configuration);
        if (problems.Count > 0) throw new BadInputException($"{path}: {string.Join("; ", problems)}");
        return configuration;
    }

    /// <summary>Writes a file that <see cref="Load(string)"/> reads back to an equal configuration.</summary>
    public static void Save(HostConfiguration configuration, string path) =>
        File.WriteAllText(path, JsonSerializer.Serialize(configuration, HostConfigurationJson.Options) + "\n");

    /// <summary>The text as a configuration, paths as they are written and nothing validated.</summary>
    internal static HostConfiguration Parse(string json, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<HostConfiguration>(json, HostConfigurationJson.Options)
                ?? throw new BadInputException($"{path} holds 'null'; it must hold an object. deploy/hosts has samples.");
        }
        catch (JsonException error)
        {
            throw new BadInputException($"{path}{Location(error)}: {Explain(error)}");
        }
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The configuration file {path} cannot be read: {FirstSentence(error.Message)}");
        }
    }

    private static HostConfiguration Resolve(HostConfiguration configuration, string directory)
    {
        var command = configuration.Trainer.Command;
        return configuration with
        {
            SecretFile = Absolute(configuration.SecretFile),
            MemoryRoot = Absolute(configuration.MemoryRoot),
            Logs = Absolute(configuration.Logs),
            Storage = configuration.Storage is { } storage ? storage with { Directory = Absolute(storage.Directory) } : null,
            Machines = configuration.Machines?.Resolve(Absolute),
            Trainer = configuration.Trainer with
            {
                Command = command is not null && command.Contains('/') ? Absolute(command) : command,
                WorkingDirectory = Absolute(configuration.Trainer.WorkingDirectory),
            },
        };

        string Absolute(string path) => path.Length == 0 ? path : Path.GetFullPath(path, directory);
    }

    private static string Location(JsonException error) => error.LineNumber is { } line ? $" line {line + 1}" : "";

    private static string Explain(JsonException error)
    {
        var property = error.Path is { Length: > 2 } path ? path[2..] : "";
        var unknown = UnknownProperty().Match(error.Message);
        if (error.Message.StartsWith("The JSON value could not be converted to ", StringComparison.Ordinal) && ChoicesOf(error.Message) is { } choices)
            return $"{property} must be {choices}.";
        if (!unknown.Success)
            return property.Length > 0 ? $"{property}: {FirstSentence(error.Message)}" : FirstSentence(error.Message);
        var name = unknown.Groups[1].Value;
        var full = property.EndsWith(name, StringComparison.Ordinal) ? property : $"{property}.{name}".TrimStart('.');
        return $"Unknown property '{full}'. deploy/hosts has samples with every property; names are in camelCase.";
    }

    /// <summary>The values of the enum that the serialiser names, as they are written in the file; null if it names another type.</summary>
    private static string? ChoicesOf(string message) => Enums.FirstOrDefault(type => message.Contains(type.FullName!, StringComparison.Ordinal)) is { } type
        ? string.Join(" or ", Enum.GetNames(type).Select(name => $"\"{JsonNamingPolicy.CamelCase.ConvertName(name)}\""))
        : null;

    /// <summary>Without the serialiser's own "Path: ... | LineNumber: ..." tail, on one line.</summary>
    private static string FirstSentence(string message) => message.Split(" Path: ")[0].ReplaceLineEndings(" ");

    [GeneratedRegex("^The JSON property '([^']*)' could not be mapped")]
    private static partial Regex UnknownProperty();
}
