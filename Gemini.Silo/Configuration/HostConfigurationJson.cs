using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gemini.Silo.Configuration;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    RespectNullableAnnotations = true,
    WriteIndented = true)]
[JsonSerializable(typeof(HostConfiguration))]
internal sealed partial class HostConfigurationJson : JsonSerializerContext;
