using System.Buffers.Binary;
using System.IO.Hashing;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>One hash for the state of all ranks.</summary>
internal static class StateHash
{
    /// <summary>XxHash3-128 over the ranks' hashes, in the order of the ranks, as 32 hexadecimal digits; null if there are none.</summary>
    public static string? Combine(IReadOnlyCollection<ContentHash> byRank)
    {
        if (byRank.Count == 0) return null;
        var hash = new XxHash128();
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        foreach (var rank in byRank)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, rank.Value);
            hash.Append(bytes);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
