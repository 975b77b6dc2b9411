using System.Text.Json.Nodes;

namespace Gemini.Silo.Configuration;

/// <summary>The value of a property that is in force.</summary>
/// <param name="Property">Its name, such as "host.siloPort".</param>
/// <param name="Value">Its value, paths absolute, without passwords.</param>
/// <param name="Origin">Who says so.</param>
/// <param name="Name">The file, the variable or the option that says so; null for a default.</param>
internal sealed record HostSetting(string Property, JsonNode? Value, SettingOrigin Origin, string? Name);
