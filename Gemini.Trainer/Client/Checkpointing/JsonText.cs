using System.Globalization;
using System.Text;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>JSON strings in as few bytes as the format allows, so that a text takes exactly the room that a user expects and reserves.</summary>
/// <remarks>
/// The encoders of System.Text.Json escape more: characters that are dangerous in HTML, and all characters outside the basic plane.
/// </remarks>
internal static class JsonText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text as a JSON string in UTF-8, quotation marks included. Escapes only what JSON requires: ", \ and control characters.</summary>
    /// <exception cref="EncoderFallbackException">The text contains half of a surrogate pair, which UTF-8 cannot represent.</exception>
    public static byte[] Quote(string text)
    {
        var json = new StringBuilder(text.Length + 2).Append('"');
        foreach (var sign in text)
        {
            _ = sign switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)sign:x4}"),
                _ => json.Append(sign),
            };
        }

        return Strict.GetBytes(json.Append('"').ToString());
    }
}
