using System.Text.Json;

namespace Gemini.Silo.Machines;

/// <summary>What a Kubernetes API server says is wrong.</summary>
internal static class KubernetesStatus
{
    /// <summary>The message in the body of a refusal: a Status object, or, from a proxy on the way, anything at all.</summary>
    public static string MessageOf(string? content)
    {
        if (string.IsNullOrWhiteSpace(content)) return "no reason given";
        try
        {
            using var status = JsonDocument.Parse(content);
            if (status.RootElement.ValueKind == JsonValueKind.Object && status.RootElement.TryGetProperty("message", out var message))
                return message.GetString() ?? "no reason given";
        }
        catch (JsonException)
        {
            // Not an API server's own words.
        }

        return content.Length <= 100 ? content : content[..100];
    }
}
