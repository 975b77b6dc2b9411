using Gemini.Grains.Recovery;
using Gemini.Grains.Root;
using Gemini.Silo.Configuration;
using Orleans.Storage;
using StackExchange.Redis;

namespace Gemini.Silo.Hosting;

/// <summary>
/// The root agent's record in Redis, for programs that are not, or not yet, a member of the cluster. The record is read and written as the silos'
/// grain storage does it: under the same key and with the same etag.
/// </summary>
internal sealed class RecordStore : IAsyncDisposable
{
    /// <summary>Redis is on the same network. A server that takes longer hangs, and nothing is decided without it.</summary>
    private const int TimeoutMilliseconds = 5000;

    private readonly ConnectionMultiplexer _redis;
    private readonly IGrainStorageSerializer _serializer;
    private readonly RedisKey _key;

    private RecordStore(ConnectionMultiplexer redis, IGrainStorageSerializer serializer, RedisKey key) =>
        (_redis, _serializer, _key) = (redis, serializer, key);

    /// <summary>Where the state of a grain is kept, in Redis.</summary>
    public static RedisKey KeyOf(string cluster, string state, GrainId grain) => $"{cluster}/state/{grain}/{state}";

    /// <exception cref="BadInputException">Redis cannot be reached.</exception>
    public static async Task<RecordStore> OpenAsync(
        HostConfiguration configuration, IGrainStorageSerializer serializer, TimeProvider time, CancellationToken ct)
    {
        var options = ConfigurationOptions.Parse(configuration.Redis);
        (options.ConnectTimeout, options.AsyncTimeout, options.ConnectRetry) = (TimeoutMilliseconds, TimeoutMilliseconds, 1);
        var key = KeyOf(configuration.ClusterId, RootAgent.RecordName, RootAgent.GrainIdOf(configuration.Job.Name));
        return await BoundedAsync(
            configuration, async () => new RecordStore(await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(ct), serializer, key), time);
    }

    /// <summary>Runs one operation on Redis. If Redis does not answer in time, the cause becomes one line.</summary>
    /// <exception cref="BadInputException">Redis did not answer.</exception>
    public static async Task<T> BoundedAsync<T>(HostConfiguration configuration, Func<Task<T>> work, TimeProvider time)
    {
        try
        {
            return await work().WaitAsync(TimeSpan.FromMilliseconds(2 * TimeoutMilliseconds), time);
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            var endpoints = string.Join(" and ", ConfigurationOptions.Parse(configuration.Redis).EndPoints);
            throw new BadInputException(
                $"redis {endpoints} does not answer ({error.Message.ReplaceLineEndings(" ")}). "
                + "The job's record is there; start the server or correct the address.");
        }
    }

    /// <summary>The record and the etag to write it with; null if no root agent has ever come up.</summary>
    public async Task<(RootRecord Record, string Etag)?> ReadAsync()
    {
        var fields = await _redis.GetDatabase().HashGetAsync(_key, ["data", "etag"]);
        if (!fields[0].HasValue || !fields[1].HasValue) return null;
        return (_serializer.Deserialize<RootRecord>(new BinaryData((ReadOnlyMemory<byte>)fields[0]))!, fields[1].ToString());
    }

    /// <summary>Returns false if somebody else has written since the etag was read.</summary>
    public async Task<bool> TryWriteAsync(RootRecord record, string etag)
    {
        var transaction = _redis.GetDatabase().CreateTransaction();
        transaction.AddCondition(Condition.HashEqual(_key, "etag", etag));
        transaction.HashSetAsync(
            _key,
            [
                new HashEntry("etag", Guid.CreateVersion7().ToString("N")),
                new HashEntry("data", _serializer.Serialize(record).ToMemory()),
            ]).Ignore();
        return await transaction.ExecuteAsync();
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
