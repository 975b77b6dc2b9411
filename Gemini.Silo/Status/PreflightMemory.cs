using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Status;

/// <summary>Whether a host has the memory that its position needs, in one sentence for people. Pure.</summary>
internal static class PreflightMemory
{
    /// <param name="host">The host, as the root agent knows it.</param>
    /// <param name="bounds">The bounds on bytes that do not exist yet, on the host's machine.</param>
    /// <param name="limitBytes">The configured limit, if any.</param>
    /// <returns>The sentence, and whether the memory is enough as far as that is known.</returns>
    public static (string Text, bool Fits) Of(HostStatus host, IReadOnlyList<MemoryBound> bounds, long? limitBytes)
    {
        var free = string.Join(", ", bounds.Select(bound => $"{bound.Name} has {ByteText.Of(bound.FreeBytes)} free"));
        if (host.NeededBytes == 0) return ($"memory: the trainers have not said yet how large their shards are; {free}", true);
        var used = host.Report.MemoryBytes;
        if (MemoryBudget.Refuse(host.NeededBytes, Math.Min(used, host.NeededBytes), bounds, limitBytes) is { } refusal) return (refusal, false);
        var whose = host.Position is null ? "the largest position" : "its position";
        return ($"memory: {whose} needs {ByteText.Of(host.NeededBytes)}, of which {ByteText.Of(Math.Min(used, host.NeededBytes))} are there; {free}", true);
    }
}
