using System.Collections.Immutable;
using Gemini.Silo.Hosting;
using Gemini.Silo.Lab.Cluster;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>The membership table in Redis, read and written as a whole.</summary>
public sealed class MembershipStoreTests : IAsyncLifetime
{
    private const string Self = "S127.0.0.1:1001:5";
    private const string Peer = "S127.0.0.1:1002:5";
    private const string Key = "gemini-job/members/gemini-job";

    private GarnetHost _redis = null!;
    private ConnectionMultiplexer _client = null!;
    private MembershipStore _store = null!;
    private bool _isDown;

    public async ValueTask InitializeAsync()
    {
        _redis = new GarnetHost(TestPorts.Next());
        _client = await ConnectionMultiplexer.ConnectAsync(_redis.Endpoint);
        var options = ConfigurationOptions.Parse(_redis.Endpoint);
        (options.AbortOnConnectFail, options.AsyncTimeout, options.ConnectTimeout) = (false, 2000, 2000);
        _store = await MembershipStore.OpenAsync(
            new RedisClusteringOptions { ConfigurationOptions = options }, new ClusterOptions { ClusterId = "gemini-job", ServiceId = "gemini-job" });
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await _client.DisposeAsync();
        if (!_isDown) _redis.Dispose();
    }

    [Fact]
    public async Task Read_EmptiedTable_HasNoVersionAndNoRows()
    {
        Assert.Equal(new MembershipMark(null, false), await _store.ReadMarkAsync(Self));
        var image = await _store.ReadAsync();
        Assert.Null(image.Version);
        Assert.Empty(image.Rows);
    }

    [Fact]
    public async Task Write_EmptiedTable_IsReadBackWhole()
    {
        Assert.True(await _store.TryWriteAsync(Image(null), Image(7, (Self, "a row"), (Peer, "another"))));
        Assert.Equal(new MembershipMark(7, true), await _store.ReadMarkAsync(Self));
        Assert.Equal(new MembershipMark(7, false), await _store.ReadMarkAsync("S127.0.0.1:1003:5"));
        await AssertTableAsync(7, (Self, "a row"), (Peer, "another"));
    }

    /// <summary>Two silos notice the loss at the same moment. Only the first one may write, because the other one does not know its rows.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(6L)]
    [InlineData(8L)]
    public async Task Write_TableHasAnotherVersionByNow_ChangesNothing(long? read)
    {
        Assert.True(await _store.TryWriteAsync(Image(null), Image(7, (Self, "a row"))));
        Assert.False(await _store.TryWriteAsync(Image(read, (Self, "a row")), Image(9, (Self, "an older row"), (Peer, "another"))));
        await AssertTableAsync(7, (Self, "a row"));
    }

    [Fact]
    public async Task Write_TableWasEmptiedSinceTheRead_ChangesNothing()
    {
        Assert.False(await _store.TryWriteAsync(Image(7, (Self, "a row")), Image(8, (Self, "a row"))));
        Assert.Equal(new MembershipMark(null, false), await _store.ReadMarkAsync(Self));
    }

    /// <summary>A silo writes its sign of life into its own row without a new version. A write of the others must not undo that.</summary>
    [Fact]
    public async Task Write_RowsThatDoNotChange_AreNotTouched()
    {
        await _store.TryWriteAsync(Image(null), Image(7, (Self, "a row"), (Peer, "alive at 10")));
        await _client.GetDatabase().HashSetAsync(Key, Peer, "alive at 11");
        Assert.True(await _store.TryWriteAsync(
            Image(7, (Self, "a row"), (Peer, "alive at 10")), Image(8, (Self, "a newer row"), (Peer, "alive at 10"))));
        await AssertTableAsync(8, (Self, "a newer row"), (Peer, "alive at 11"));
    }

    [Fact]
    public async Task Read_ServerIsGone_FailsWithinItsTimeouts()
    {
        _redis.Dispose();
        _isDown = true;
        var error = await Record.ExceptionAsync(() => _store.ReadMarkAsync(Self).WaitAsync(Wait.Limit));
        Assert.True(error is RedisException or RedisTimeoutException, $"it is {error}");
    }

    private static MembershipImage Image(long? version, params (string Silo, string Row)[] rows) =>
        new(version, rows.ToImmutableDictionary(row => row.Silo, row => row.Row));

    private async Task AssertTableAsync(long version, params (string Silo, string Row)[] rows)
    {
        var image = await _store.ReadAsync();
        Assert.Equal(version, image.Version);
        Assert.Equal(rows.Order(), image.Rows.Select(row => (row.Key, row.Value)).Order());
    }
}
