using System.Collections.Immutable;
using Orleans.Runtime;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>A silo's own view of its cluster: itself and one active peer. It notes what the silo does with it. Any thread.</summary>
internal sealed class FakeMembership(SiloAddress self, SiloAddress peer) : IClusterMembershipService, ILocalSiloDetails
{
    private ImmutableArray<SiloAddress> _killed = [];
    private long _version = 6;
    private long _refreshed;
    private int _looks;

    public SiloStatus OwnStatus { get; set; } = SiloStatus.Active;

    /// <summary>How often the silo has looked at its view.</summary>
    public int Looks => Volatile.Read(ref _looks);

    /// <summary>The version that the silo was told to read last; 0: none. Then its view has that version.</summary>
    public long Refreshed => Volatile.Read(ref _refreshed);

    /// <summary>The silos that it has declared dead, in order.</summary>
    public ImmutableArray<SiloAddress> Killed => _killed;

    public SiloAddress Peer => peer;

    public ClusterMembershipSnapshot CurrentSnapshot
    {
        get
        {
            Interlocked.Increment(ref _looks);
            return new ClusterMembershipSnapshot(
                ImmutableDictionary<SiloAddress, ClusterMember>.Empty
                    .Add(self, new ClusterMember(self, OwnStatus, "a"))
                    .Add(peer, new ClusterMember(peer, _killed.Contains(peer) ? SiloStatus.Dead : SiloStatus.Active, "b")),
                new MembershipVersion(Volatile.Read(ref _version)));
        }
    }

    public string Name => "a";

    public string ClusterId => "gemini-job";

    public string DnsHostName => "here";

    public SiloAddress SiloAddress => self;

    public SiloAddress GatewayAddress => self;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

    public ValueTask Refresh(MembershipVersion minimumVersion, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _version, minimumVersion.Value);
        Volatile.Write(ref _refreshed, minimumVersion.Value);
        return ValueTask.CompletedTask;
    }

    public Task<bool> TryKill(SiloAddress siloAddress)
    {
        ImmutableInterlocked.Update(ref _killed, killed => killed.Add(siloAddress));
        return Task.FromResult(true);
    }
}
