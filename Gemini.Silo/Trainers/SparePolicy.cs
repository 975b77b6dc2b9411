using System.Globalization;

namespace Gemini.Silo.Trainers;

/// <summary>Decides whether a spare process may be started. Pure.</summary>
internal static class SparePolicy
{
    /// <param name="availableBytes">Memory that is available to a new process; null: unknown.</param>
    /// <param name="headroomBytes">How much of it must be available.</param>
    public static (bool Start, string Reason) Evaluate(long? availableBytes, long headroomBytes)
    {
        if (availableBytes is not { } bytes) return (true, "the machine does not say how much memory it has");
        return bytes >= headroomBytes
            ? (true, "there is memory for it")
            : (false, string.Create(CultureInfo.InvariantCulture, $"the machine has less than {headroomBytes >> 20} MiB of memory available"));
    }
}
