using System.Text.Json.Nodes;

namespace Gemini.Silo.Configuration;

/// <summary>The value of a property that is in force, and where the value comes from.</summary>
/// <param name="Property">Its name, such as "host.siloPort".</param>
/// <param name="Value">Its value, paths absolute, without passwords.</param>
/// <param name="Origin">The kind of source that sets it.</param>
/// <param name="Name">The file, the variable or the option that sets it; null for a default.</param>
internal sealed record HostSetting(string Property, JsonNode? Value, SettingOrigin Origin, string? Name);
