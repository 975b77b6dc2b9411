using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Transfer;

/// <summary>Fetches the right bytes of a rotten chunk from the hosts that the newest directive names as sources of the shard.</summary>
internal sealed class PeerChunks(HostState state, ReplicaFetcher fetcher) : IChunkSource
{
    public async Task<bool> TryGetAsync(SegmentLease copy, int chunk, Memory<byte> target, CancellationToken ct)
    {
        var directive = state.Directive;
        foreach (var source in SourcesOf(directive, copy))
        {
            if (await fetcher.FetchChunkAsync(state.EndpointOf(source), copy, chunk, target, directive.Version.Epoch, ct) is null) return true;
        }

        return false;
    }

    private static IEnumerable<HostName> SourcesOf(HostDirective directive, SegmentLease copy) => directive.Held
        .Where(shard => shard.Owner == copy.Owner)
        .SelectMany(shard => shard.Sources)
        .Concat(directive.Guests.Where(guest => guest.Replica.Owner == copy.Owner).SelectMany(guest => guest.Sources))
        .Where(directive.DataEndpoints.ContainsKey)
        .Distinct();
}
