using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Makes the directive of each host. Every report is answered with one, and mostly nothing has changed since the report before. So the newest
/// directive of each host is kept, with all that it was made from, and returned again as long as that is the same. Pure.
/// </summary>
/// <remarks>
/// A directive does not grow with the number of hosts: it names the data ports only of hosts that it names, and the ring endpoints of all ranks only
/// for a host that does not have them yet (<see cref="HostReport.RingHash"/>).
/// </remarks>
internal sealed class DirectiveDesk(
    JobState state, HostRoster roster, JobCommits commits, RepairDesk repair, PlanDesk plans, StorageDesk storage, LeaveDesk leaves)
{
    private readonly Dictionary<HostName, Made> _made = [];
    private (ImmutableArray<string> Of, ulong Hash) _ring = ([], 0);

    /// <summary>The newest directive for one host. The same object as before if nothing in it has changed.</summary>
    public HostDirective For(HostName host)
    {
        var (version, record) = (state.Version, state.Record);
        Invariant.Check(
            version.Step < DirectiveStep.Prepare || !record.ShardBytes.IsEmpty, $"directive {version} is sent without the sizes of the shards");
        Invariant.Check(version.Epoch == Epoch.Zero || version.Epoch == record.Epoch, $"directive {version} in epoch {record.Epoch}");
        var report = roster.Find(host)?.Report;
        var position = roster.PositionOf(host);
        var basis = new Basis(version, record, plans.Current, roster.DataEndpoints, state.RingEndpoints, GuestsOf(host));
        var news = new News(
            report?.Incarnation ?? 0, commits.Committed, commits.Abandoned, position is { } at ? storage.DirectiveFor(at) : null, leaves.DirectiveFor(host),
            HasRing: RingHash() is not 0 and var hash && report?.RingHash == hash);
        var known = _made.GetValueOrDefault(host);
        if (known is not null && known.Basis == basis && known.News == news) return known.Directive;

        var whole = With(known is not null && known.Basis == basis ? known.Whole : Make(host, position, basis), news);
        DirectiveRules.Check(whole, state.Job);
        var directive = news.HasRing ? whole with { RingEndpoints = [] } : whole;
        _made[host] = new Made(basis, news, whole, directive);
        return directive;
    }

    private static HostDirective With(HostDirective directive, in News news) => directive with
    {
        Incarnation = news.Incarnation,
        Committed = news.Committed,
        Abandoned = news.Abandoned,
        Persist = news.Persist,
        Leave = news.Leave,
    };

    private HostDirective Make(HostName host, HostPosition? position, in Basis basis)
    {
        var record = state.Record;
        var hasPlan = state.Version.Step >= DirectiveStep.Prepare;
        var directive = new HostDirective
        {
            Version = state.Version,
            Position = position,
            Run = record.Run,
            Restore = hasPlan ? record.Restore : null,
            RingEndpoints = state.RingEndpoints,
            Persisted = record.Persisted,
            Guests = basis.Guests,
        };
        if (hasPlan && position is { } own && !record.ShardBytes.IsEmpty)
        {
            directive = directive with
            {
                Own = [.. state.Job.RanksOf(own).Select(ToOwn)],
                Held = [.. state.Placement.HeldBy(own).SelectMany(state.Job.RanksOf).Select(rank => ToHeld(rank, host))],
                Kept = plans.KeptBy(host, own),
            };
        }

        return directive with { DataEndpoints = EndpointsOf(directive) };
    }

    private ImmutableArray<GuestCopy> GuestsOf(HostName host) =>
        state.Version.Step == DirectiveStep.Halt ? repair.Guests.GetValueOrDefault(host, []) : [];

    private ShardDirective ToOwn(Rank rank)
    {
        var recovery = plans.ShardOf(rank);
        return new ShardDirective
        {
            Owner = rank,
            PayloadBytes = state.Record.ShardBytes[rank.Value],
            Holders = [.. roster.HoldersOf(rank).Skip(1).OfType<HostName>()],
            Hash = recovery?.Replica.Hash,
            Sources = recovery?.Sources ?? [],
            InStorage = recovery is not null && plans.IsFromStorage,
        };
    }

    private ShardDirective ToHeld(Rank rank, HostName holder) => new()
    {
        Owner = rank,
        PayloadBytes = state.Record.ShardBytes[rank.Value],
        Sources = [.. roster.HoldersOf(rank).OfType<HostName>().Where(host => host != holder)],
    };

    /// <summary>The data endpoints of the hosts that the directive names.</summary>
    private ImmutableDictionary<HostName, string> EndpointsOf(HostDirective directive)
    {
        var endpoints = ImmutableDictionary.CreateBuilder<HostName, string>();
        foreach (var shard in directive.Own)
        {
            Add(shard.Holders);
            Add(shard.Sources);
        }

        foreach (var shard in directive.Held) Add(shard.Sources);
        foreach (var guest in directive.Guests) Add(guest.Sources);
        return endpoints.ToImmutable();

        void Add(ImmutableArray<HostName> hosts)
        {
            foreach (var host in hosts)
            {
                if (roster.DataEndpoints.TryGetValue(host, out var endpoint)) endpoints[host] = endpoint;
            }
        }
    }

    /// <summary>The hash of the ring endpoints, computed again only when they change.</summary>
    private ulong RingHash()
    {
        if (_ring.Of != state.RingEndpoints) _ring = (state.RingEndpoints, RingEndpoints.HashOf(state.RingEndpoints));
        return _ring.Hash;
    }

    /// <summary>What a directive is made from, except for its news. Arrays and dictionaries are compared by reference.</summary>
    private readonly record struct Basis(
        DirectiveVersion Version, RootRecord Record, RecoveryPlan? Plan, ImmutableDictionary<HostName, string> DataEndpoints,
        ImmutableArray<string> RingEndpoints, ImmutableArray<GuestCopy> Guests);

    /// <summary>What changes in a directive while its basis stays the same.</summary>
    private readonly record struct News(
        long Incarnation, Iteration Committed, Iteration Abandoned, PersistDirective? Persist, LeaveDirective? Leave, bool HasRing);

    /// <param name="Basis">What it was made from.</param>
    /// <param name="News">And with which news.</param>
    /// <param name="Whole">With all ring endpoints.</param>
    /// <param name="Directive">As the host gets it.</param>
    private sealed record Made(Basis Basis, News News, HostDirective Whole, HostDirective Directive);
}
