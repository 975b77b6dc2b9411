using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;

namespace Gemini.Grains.Recovery;

/// <summary>Where the trainers of an epoch accept each other, by rank.</summary>
internal static class RingEndpoints
{
    /// <summary>
    /// Names these endpoints, so that the root agent and a host can tell that they have the same. XxHash3-64; 0 without endpoints.
    /// </summary>
    public static ulong HashOf(ImmutableArray<string> endpoints)
    {
        if (endpoints.IsEmpty) return 0;
        var hash = new XxHash3();
        foreach (var endpoint in endpoints) hash.Append(Encoding.UTF8.GetBytes($"{endpoint}\n"));
        return hash.GetCurrentHashAsUInt64();
    }
}
