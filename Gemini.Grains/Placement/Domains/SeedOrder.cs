using Gemini.Grains.Placement.Plans;

namespace Gemini.Grains.Placement.Domains;

/// <summary>An order of hosts that keeps the holders of every shard in different domains of its first label, if any order does.</summary>
/// <remarks>
/// Hosts are sorted so that a domain's hosts stand together, largest domain first. Symbols: s = hosts of a domain, G = ⌊N/m⌋.
/// <list type="bullet">
/// <item>Groups of m: dealt like cards, host i to group i mod G. s ≤ G neighbours reach s different groups. Possible exactly when
/// every s ≤ G; a larger domain is spread as evenly as can be, which shares least.</item>
/// <item>Mixed, last group a ring of n &lt; 2m: every two of its members share a shard, so it takes one host of each of the n largest
/// domains, and the rest is dealt. Possible exactly when every s ≤ G and there are n domains (Gale-Ryser: Σ_d min(s_d, j) ≥ n + (j-1)m
/// is concave in j on the left and linear on the right, so j = 1 and j = G decide).</item>
/// <item>Ring of n ≥ 2m: cut into q = ⌊n/m⌋ pieces of ⌈n/q⌉ or ⌊n/q⌋ ≥ m positions; first places of all pieces are filled, then second
/// places, and so on. A domain of s = q fills one whole row (largest first, so rows align); one of s &lt; q that runs over into the next
/// row ends at least two pieces before its own start, at least m positions away. Possible exactly when every s ≤ q.</item>
/// </list>
/// Checked by: DomainPlacementOracleTests, exhaustively for small N and against the three conditions for N to 60.
/// </remarks>
internal static class SeedOrder
{
    /// <param name="plan">The placement.</param>
    /// <param name="keys">The order is made for the first one; the others break ties.</param>
    /// <returns>Host index by position.</returns>
    public static int[] Of(PlacementPlan plan, FailureDomains[] keys)
    {
        var hosts = Sorted(keys);
        var hostAt = new int[plan.HostCount];
        var rings = plan.Groups.Where(group => group.Members.Length > plan.Replicas).ToList();
        if (plan.Groups.Length == 1 && rings.Count == 1)
        {
            Fill(hostAt, RowsOf(rings[0], plan.Replicas), hosts);
            return hostAt;
        }

        foreach (var ring in rings)
            Fill(hostAt, ring.Members.Select(position => position.Value), TakeDifferent(hosts, keys[0], ring.Members.Length));
        var groups = plan.Groups.Where(group => group.Members.Length == plan.Replicas).ToList();
        Fill(hostAt, Enumerable.Range(0, plan.Replicas).SelectMany(row => groups.Select(group => group.Members[row].Value)), hosts);
        return hostAt;
    }

    private static List<int> Sorted(FailureDomains[] keys)
    {
        var hosts = Enumerable.Range(0, keys[0].HostCount).OrderBy(_ => 0);
        foreach (var key in keys)
            hosts = hosts.ThenByDescending(host => key.SizeOf(key.DomainOf(host))).ThenBy(host => key.DomainOf(host));
        return [.. hosts.ThenBy(host => host)];
    }

    private static void Fill(int[] hostAt, IEnumerable<int> positions, List<int> hosts)
    {
        foreach (var (position, host) in positions.Zip(hosts)) hostAt[position] = host;
    }

    // The ring's positions row by row: the first places of all pieces, the second places, ... Long pieces come first.
    private static IEnumerable<int> RowsOf(PlacementGroup ring, int replicas)
    {
        var (size, pieceCount) = (ring.Members.Length, ring.Members.Length / replicas);
        var (length, longCount) = (size / pieceCount, size % pieceCount);
        for (var row = 0; row <= length; row++)
        {
            for (var piece = 0; piece < (row < length ? pieceCount : longCount); piece++)
                yield return ring.Members[(piece * length) + Math.Min(piece, longCount) + row].Value;
        }
    }

    // Removes n hosts: one of each of the largest domains; if there are fewer than n domains, a second one of each, and so on.
    private static List<int> TakeDifferent(List<int> hosts, FailureDomains key, int count)
    {
        var left = hosts.GroupBy(key.DomainOf).Select(domain => new Queue<int>(domain)).ToList();
        var taken = new List<int>(count);
        while (taken.Count < count)
        {
            foreach (var domain in left.OrderByDescending(domain => domain.Count).Take(count - taken.Count).ToList())
                if (domain.TryDequeue(out var host)) taken.Add(host);
        }

        var gone = taken.ToHashSet();
        hosts.RemoveAll(gone.Contains);
        return taken;
    }
}
