using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gemini.Interfaces.Wire;

/// <summary>Converts <see cref="TrainerMessage"/>s to lines and lines to messages.</summary>
public static class TrainerProtocol
{
    public const int Version = 1;

    /// <summary>A longer line is refused.</summary>
    public const int MaxLineBytes = 64 * 1024;

    /// <summary>The message as one line of UTF-8, its line feed included.</summary>
    public static byte[] Encode(TrainerMessage message)
    {
        using var buffer = new MemoryStream(128);
        JsonSerializer.Serialize(buffer, message, TrainerProtocolJson.Default.TrainerMessage);
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    /// <exception cref="InvalidDataException">The line is not a message of this protocol.</exception>
    public static TrainerMessage Decode(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, TrainerProtocolJson.Default.TrainerMessage)
                ?? throw new InvalidDataException("An empty line on the trainer socket.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new InvalidDataException($"Not a trainer message: {error.Message}", error);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TrainerMessage))]
internal sealed partial class TrainerProtocolJson : JsonSerializerContext;
