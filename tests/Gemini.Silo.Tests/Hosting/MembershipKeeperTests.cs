using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gemini.Grains.Hosting;
using Gemini.Silo.Hosting;
using Gemini.Silo.Lab.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.GrainDirectory;
using StackExchange.Redis;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>A silo that looks at its membership table in a real Redis server once a second. The clock is fake, and so are the other silos.</summary>
public sealed class MembershipKeeperTests : IAsyncLifetime
{
    private const string Key = "gemini-job/members/gemini-job";

    private static readonly SiloAddress Self = SiloAddress.FromParsableString("127.0.0.1:1001@5");
    private static readonly SiloAddress Peer = SiloAddress.FromParsableString("127.0.0.1:1002@5");

    private readonly FakeTimeProvider _time = new();
    private readonly LogLines<MembershipKeeper> _log = new();
    private readonly FakeMembership _membership = new(Self, Peer);
    private readonly RedisClusteringOptions _clustering = new();
    private readonly ClusterOptions _cluster = new() { ClusterId = "gemini-job", ServiceId = "gemini-job" };
    private GarnetHost _redis = null!;
    private ConnectionMultiplexer _client = null!;
    private MembershipStore _store = null!;
    private MembershipKeeper _keeper = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = new GarnetHost(TestPorts.Next());
        _client = await ConnectionMultiplexer.ConnectAsync(_redis.Endpoint);
        _clustering.ConfigurationOptions = ConfigurationOptions.Parse(_redis.Endpoint);
        _store = await MembershipStore.OpenAsync(_clustering, _cluster);
        var services = new ServiceCollection()
            .AddSingleton<IClusterMembershipService>(_membership)
            .AddKeyedSingleton<IGrainDirectory>(GrainDirectoryAttribute.DEFAULT_GRAIN_DIRECTORY, new NoDirectory())
            .BuildServiceProvider();
        _keeper = new MembershipKeeper(
            services, _membership, Options.Create(_clustering), Options.Create(_cluster),
            new DirectoryEntries(NullLogger<DirectoryEntries>.Instance), _time, _log);
    }

    public async ValueTask DisposeAsync()
    {
        await _keeper.StopAsync(CancellationToken.None);
        _keeper.Dispose();
        await _store.DisposeAsync();
        await _client.DisposeAsync();
        _redis.Dispose();
        // The keeper repairs the table. It never decides that a silo is dead.
        Assert.Empty(_membership.Killed);
    }

    /// <summary>The silo learns the table, the server is emptied, and the silo writes the table back and tells the cluster to read it.</summary>
    [Fact]
    public async Task ServerIsEmptied_TheTableIsWrittenBackAboveAllVersions()
    {
        Assert.True(await _store.TryWriteAsync(new MembershipImage(null, []), Table(7)));
        await _keeper.StartAsync(Token);
        // The table is newer than what the silo knows, so the silo is told to read it. Then this class has read it, too.
        await TickAsync(() => _membership.Refreshed == 7, "the newer table");

        await _client.GetDatabase().KeyDeleteAsync(Key);
        await TickAsync(() => _membership.Refreshed == 8, "the table to be written back");

        var table = await _store.ReadAsync();
        Assert.Equal((8L, 2), (table.Version, table.Rows.Count));
        Assert.Equal(
            (LogLevel.Warning, "Redis has lost the cluster's membership (the table is empty); 2 rows were written back, and the table is at version 8"),
            Assert.Single(_log.Lines));
    }

    [Fact]
    public async Task OwnRowIsLost_OnlyThisRowIsWrittenBack()
    {
        Assert.True(await _store.TryWriteAsync(new MembershipImage(null, []), Table(7)));
        await _keeper.StartAsync(Token);
        await TickAsync(() => _membership.Refreshed == 7, "the newer table");

        await _client.GetDatabase().HashDeleteAsync(Key, Self.ToString());
        await TickAsync(() => _membership.Refreshed == 8, "the row to be written back");

        var table = await _store.ReadAsync();
        Assert.True(table.Rows.ContainsKey(Self.ToString()));
        Assert.Equal(Table(7).Rows[Peer.ToString()], table.Rows[Peer.ToString()]);
        Assert.Contains("this silo's row is missing", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
    }

    /// <summary>A silo that still joins, or leaves, must not bring itself back into the table.</summary>
    [Theory]
    [InlineData(SiloStatus.Joining)]
    [InlineData(SiloStatus.Dead)]
    public async Task SiloIsNotActive_NothingIsWritten(SiloStatus status)
    {
        _membership.OwnStatus = status;
        await _keeper.StartAsync(Token);
        await TickAsync(() => _membership.Looks >= 3, "three looks");
        Assert.False(await _client.GetDatabase().KeyExistsAsync(Key));
        Assert.Empty(_log.Lines);
    }

    /// <summary>A table that cannot be read proves nothing, so nothing is written. The log has one line when that begins and one when it ends.</summary>
    [Fact]
    public async Task TableCannotBeRead_IsSaidOnce_AndSaidWhenItIsOver()
    {
        await _client.GetDatabase().StringSetAsync(Key, "no table");
        await _keeper.StartAsync(Token);
        await TickAsync(() => _membership.Looks >= 4, "four looks");
        var line = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.StartsWith("The membership in Redis could not be read: WRONGTYPE", line.Text, StringComparison.Ordinal);
        Assert.Equal("no table", await _client.GetDatabase().StringGetAsync(Key));

        await _client.GetDatabase().KeyDeleteAsync(Key);
        Assert.True(await _store.TryWriteAsync(new MembershipImage(null, []), Table(6)));
        await TickAsync(() => _log.Lines.Count == 2, "the end of the problem");
        Assert.Equal((LogLevel.Information, "The membership in Redis can be read again"), _log.Lines[1]);
    }

    private static MembershipImage Table(long version) => new(version, ImmutableDictionary<string, string>.Empty.Add(Self.ToString(), Row()).Add(Peer.ToString(), Row()));

    private static string Row() => new JsonObject { ["Status"] = (int)SiloStatus.Active, ["IAmAliveTime"] = "2026-01-01T00:00:00Z" }.ToJsonString();

    private Task TickAsync(Func<bool> condition, string what) => Wait.UntilAsync(
        () =>
        {
            if (!condition()) _time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        what);

    /// <summary>This silo has no activations that must be unique, so the directory is never asked.</summary>
    private sealed class NoDirectory : IGrainDirectory
    {
        public Task<GrainAddress?> Register(GrainAddress address) => throw new NotSupportedException();

        public Task Unregister(GrainAddress address) => throw new NotSupportedException();

        public Task<GrainAddress?> Lookup(GrainId grainId) => throw new NotSupportedException();

        public Task UnregisterSilos(List<SiloAddress> siloAddresses) => throw new NotSupportedException();
    }
}
