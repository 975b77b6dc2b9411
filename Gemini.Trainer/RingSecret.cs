using System.Text;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer;

/// <summary>The job secret as the ring takes it.</summary>
internal static class RingSecret
{
    /// <summary>Reads the key file; no file: no secret.</summary>
    /// <exception cref="InvalidDataException">The file is missing or too short.</exception>
    public static byte[] Load(string? path)
    {
        if (string.IsNullOrEmpty(path)) return [];
        _ = JobSecret.Load(path);
        return Encoding.UTF8.GetBytes(File.ReadAllText(path).Trim());
    }
}
