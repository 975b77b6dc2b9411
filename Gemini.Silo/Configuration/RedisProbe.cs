using StackExchange.Redis;

namespace Gemini.Silo.Configuration;

/// <summary>The first contact with the Redis server, so that a wrong address is one clear line and not a silo's long search.</summary>
internal static class RedisProbe
{
    private const int TimeoutMilliseconds = 5000;

    /// <param name="connection">"address:port", options after commas. Only its endpoints are repeated in messages: it may hold a password.</param>
    /// <param name="ct">Ends the attempt early.</param>
    /// <exception cref="BadInputException">No such server answers.</exception>
    public static async Task EnsureReachableAsync(string connection, CancellationToken ct)
    {
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(connection);
        }
        catch (ArgumentException)
        {
            throw new BadInputException("redis cannot be read; it is \"address:port\" with options after commas, such as \"127.0.0.1:6379,password=...\".");
        }

        options.AbortOnConnectFail = true;
        options.ConnectTimeout = TimeoutMilliseconds;
        options.ConnectRetry = 1;
        try
        {
            await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(ct);
            await multiplexer.GetDatabase().PingAsync().WaitAsync(ct);
        }
        catch (RedisException error)
        {
            throw new BadInputException($"redis {string.Join(" and ", options.EndPoints)} cannot be reached ({Cause(error)}); "
                + "start the server (redis-server --port 6379) or correct the address.");
        }
    }

    private static string Cause(RedisException error) => error switch
    {
        RedisConnectionException { FailureType: var type } => type.ToString(),
        _ => error.Message.ReplaceLineEndings(" "),
    };
}
