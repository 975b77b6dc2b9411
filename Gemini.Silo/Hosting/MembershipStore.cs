using System.Collections.Immutable;
using System.Globalization;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Gemini.Silo.Hosting;

/// <summary>
/// The membership table as Redis holds it: a hash with the version under one name and each row under its silo's address. Orleans' provider writes one
/// row and one version at a time, but a lost table has to be written in one step. This class does not interpret a row's text.
/// </summary>
internal sealed class MembershipStore : IAsyncDisposable
{
    private const string VersionName = "Version";

    /// <summary>Writes fields only if the version is still the one that was read; returns whether it did.</summary>
    private const string WriteScript =
        """
        local version = redis.call('HGET', KEYS[1], 'Version')
        if (version or '') ~= ARGV[1] then return 0 end
        for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
        return 1
        """;

    private readonly ConnectionMultiplexer _redis;
    private readonly RedisKey _key;

    private MembershipStore(ConnectionMultiplexer redis, RedisKey key) => (_redis, _key) = (redis, key);

    /// <summary>The table of the silo with these options. Each operation is bounded by the time-outs in them.</summary>
    /// <exception cref="RedisException">The server cannot be reached, and the options say that this is an error.</exception>
    public static async Task<MembershipStore> OpenAsync(RedisClusteringOptions clustering, ClusterOptions cluster) =>
        new(await ConnectionMultiplexer.ConnectAsync(clustering.ConfigurationOptions!), clustering.CreateRedisKey(cluster));

    /// <exception cref="RedisException">The server does not answer.</exception>
    /// <exception cref="TimeoutException">The server does not answer in time.</exception>
    public async Task<MembershipMark> ReadMarkAsync(string self)
    {
        var fields = await _redis.GetDatabase().HashGetAsync(_key, [VersionName, self]);
        return new MembershipMark(VersionOf(fields[0]), fields[1].HasValue);
    }

    /// <exception cref="RedisException">The server does not answer.</exception>
    /// <exception cref="TimeoutException">The server does not answer in time.</exception>
    public async Task<MembershipImage> ReadAsync()
    {
        var fields = await _redis.GetDatabase().HashGetAllAsync(_key);
        var version = fields.FirstOrDefault(field => field.Name == VersionName).Value;
        return new MembershipImage(
            VersionOf(version),
            fields.Where(field => field.Name != VersionName).ToImmutableDictionary(field => field.Name.ToString(), field => field.Value.ToString()));
    }

    /// <summary>
    /// Replaces <paramref name="current"/> with <paramref name="next"/>. Returns false if the table has changed since <paramref name="current"/> was
    /// read.
    /// </summary>
    /// <exception cref="RedisException">The server does not answer.</exception>
    /// <exception cref="TimeoutException">The server does not answer in time.</exception>
    public async Task<bool> TryWriteAsync(MembershipImage current, MembershipImage next)
    {
        var changed = next.Rows.Where(row => current.Rows.GetValueOrDefault(row.Key) != row.Value);
        RedisValue[] values = [TextOf(current), VersionName, TextOf(next), .. changed.SelectMany(row => new RedisValue[] { row.Key, row.Value })];
        return (bool)await _redis.GetDatabase().ScriptEvaluateAsync(WriteScript, [_key], values);
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private static long? VersionOf(RedisValue text) => text.HasValue ? (long)text : null;

    private static string TextOf(MembershipImage image) => image.Version?.ToString(CultureInfo.InvariantCulture) ?? "";
}
