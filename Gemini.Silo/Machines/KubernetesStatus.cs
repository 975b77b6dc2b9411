using System.Text.Json;

namespace Gemini.Silo.Machines;

/// <summary>Reads an error of a Kubernetes API server.</summary>
internal static class KubernetesStatus
{
    /// <summary>The message in the body of a refusal. The body is a Status object, or, from a proxy between, any text.</summary>
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
            // The body does not come from an API server.
        }

        return content.Length <= 100 ? content : content[..100];
    }
}
