using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Configuration;

/// <summary>
/// The host's configuration file: JSON in camelCase. Comments and trailing commas are allowed. Unknown properties are refused, because a misspelt one
/// would silently keep its default. Relative paths in the file are relative to the file.
/// </summary>
public static partial class HostConfigurationFile
{
    private static readonly Type[] Enums = [typeof(TimingProfile), typeof(WhenCompleted), typeof(CheckpointMode)];

    /// <summary>Reads the file. Environment variables override its properties; see <see cref="HostSettings"/>.</summary>
    /// <exception cref="BadInputException">The file cannot be read, is not such JSON, or breaks a rule.</exception>
    public static HostConfiguration Load(string path) => HostSettings.Read(path).Configuration;

    /// <summary>Writes a file that <see cref="Load"/> reads back to an equal configuration.</summary>
    public static void Save(HostConfiguration configuration, string path) =>
        File.WriteAllText(path, JsonSerializer.Serialize(configuration, HostConfigurationJson.Options) + "\n");

    /// <summary>The file's text.</summary>
    /// <exception cref="BadInputException">The file cannot be read.</exception>
    internal static string Read(string path)
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

    /// <summary>Parses the text. Paths stay as they are written, and nothing is validated.</summary>
    /// <exception cref="BadInputException">It is not such JSON; the message names the line.</exception>
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

    /// <summary>The configuration that a host starts with: paths absolute, and validated.</summary>
    /// <param name="json">Every property that is set.</param>
    /// <param name="source">Who set it, for messages.</param>
    /// <param name="directory">The folder of the file.</param>
    /// <exception cref="BadInputException">It breaks a rule.</exception>
    internal static HostConfiguration Finish(JsonObject json, string source, string directory)
    {
        try
        {
            var configuration = Resolve(json.Deserialize<HostConfiguration>(HostConfigurationJson.Options)!, directory);
            var problems = HostConfigurationValidator.Validate(configuration);
            return problems.Count == 0 ? configuration : throw new BadInputException($"{source}: {string.Join("; ", problems)}");
        }
        catch (JsonException error)
        {
            throw new BadInputException($"{source}: {Explain(error)}");
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

    /// <summary>The values of the enum that the serialiser names; null if it names another type.</summary>
    private static string? ChoicesOf(string message) => Enums.FirstOrDefault(type => message.Contains(type.FullName!, StringComparison.Ordinal)) is { } type
        ? ConfigurationProperty.ChoicesOf(type)
        : null;

    /// <summary>Without the serialiser's own "Path: ... | LineNumber: ..." tail, on one line.</summary>
    private static string FirstSentence(string message) => message.Split(" Path: ")[0].ReplaceLineEndings(" ");

    [GeneratedRegex("^The JSON property '([^']*)' could not be mapped")]
    private static partial Regex UnknownProperty();
}
