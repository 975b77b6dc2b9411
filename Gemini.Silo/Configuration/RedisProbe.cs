using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace Gemini.Silo.Configuration;

/// <summary>The first contact with the Redis server. Any problem becomes one clear line with the fix, instead of a silo's long search.</summary>
internal static class RedisProbe
{
    /// <summary>A healthy server answers within milliseconds. A server that is busy writing its data answers within a second or two.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <param name="connection">"address:port", options after commas. Only its endpoints are repeated in messages: it may hold a password.</param>
    /// <param name="time">Measures how long the server takes.</param>
    /// <param name="ct">Ends the attempt early.</param>
    /// <exception cref="BadInputException">No such server answers; the message says why, and what to do.</exception>
    public static Task EnsureReachableAsync(string connection, TimeProvider time, CancellationToken ct) =>
        AskAsync(connection, database => database.PingAsync(), Limit, time, ct);

    /// <summary>Connects, asks one question, and disconnects.</summary>
    /// <exception cref="BadInputException">There is no answer; the message says why, and what to do.</exception>
    public static async Task<T> AskAsync<T>(
        string connection, Func<IDatabase, Task<T>> question, TimeSpan limit, TimeProvider time, CancellationToken ct)
    {
        var options = Parse(connection);
        options.AbortOnConnectFail = true;
        options.ConnectTimeout = (int)limit.TotalMilliseconds;
        options.ConnectRetry = 1;
        using var late = new CancellationTokenSource(limit, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(bound.Token);
            return await question(multiplexer.GetDatabase()).WaitAsync(bound.Token);
        }
        catch (Exception error) when (IsNoAnswer(error) && !ct.IsCancellationRequested)
        {
            var words = SaysWhy(error) ? (error.InnerException ?? error).Message : await RedisDial.AskAsync(options.EndPoints[0], limit, time, ct);
            throw new BadInputException($"redis {string.Join(" and ", options.EndPoints.Select(Name))} {Explain(words, options, limit)}")
            {
                MayPass = Refusal(words, options) is null,
            };
        }
    }

    /// <exception cref="BadInputException">It is not what the Redis client reads.</exception>
    public static ConfigurationOptions Parse(string connection)
    {
        const string Rule = "it is \"address:port\" with options after commas, such as \"127.0.0.1:6379,password=...\"";
        // The client would take the whole URL for the name of a machine.
        if (connection.Contains("://", StringComparison.Ordinal))
            throw new BadInputException($"redis is a URL, which is not supported; {Rule}. Use \",ssl=true\" instead of rediss://.");
        try
        {
            return ConfigurationOptions.Parse(connection);
        }
        catch (ArgumentException)
        {
            throw new BadInputException($"redis cannot be read; {Rule}.");
        }
    }

    /// <summary>The text without its secrets. A URL is not valid here, but somebody may have written one.</summary>
    public static string WithoutPassword(string connection) => connection.Contains("://", StringComparison.Ordinal)
        ? "***"
        : string.Join(',', connection.Split(',').Select(part => IsPassword(part.Split('=')[0]) ? "password=***" : part));

    private static bool IsPassword(string option) => option.Trim().Equals("password", StringComparison.OrdinalIgnoreCase);

    private static bool IsNoAnswer(Exception error) =>
        error is RedisException or RedisCommandException or TimeoutException or OperationCanceledException;

    /// <summary>Whether the error has the server's own text. If the client cannot connect, its error does not say why.</summary>
    private static bool SaysWhy(Exception error) => error
        is RedisCommandException
        or (RedisException and not RedisConnectionException { FailureType: ConnectionFailureType.UnableToConnect });

    /// <summary>Explains the text of the server or the system: what it means and what to do.</summary>
    internal static string Explain(string words, ConfigurationOptions options, TimeSpan limit)
    {
        if (Refusal(words, options) is { } refusal) return refusal;
        if (words is RedisDial.Silence or RedisDial.Pong)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"did not answer within {limit.TotalSeconds:0.#} s; check that the server is healthy, the address is right, and no firewall is between.");
        }

        return $"cannot be reached ({words.ReplaceLineEndings(" ").TrimEnd('.')}); "
            + $"start the server (redis-server --port {Port(options)}) or correct the address.";
    }

    /// <summary>Why a server that is up refuses this client, and what to do; null if the server is not up, or not yet.</summary>
    private static string? Refusal(string words, ConfigurationOptions options)
    {
        bool Says(params ReadOnlySpan<string> texts)
        {
            foreach (var text in texts)
            {
                if (words.Contains(text, StringComparison.OrdinalIgnoreCase)) return true;
            }

            return false;
        }

        if (Says("NOAUTH")) return "wants a password, and the configuration has none; append \",password=...\" to redis.";
        if (Says("WRONGPASS", "invalid password", "without any password"))
            return "refuses the password; correct it in redis (\",password=...\", and \",user=...\" if the server has users).";
        if (Says("DENIED", "protected mode"))
        {
            return "answers only clients on its own machine (protected mode); give the server a password (requirepass) or a bind "
                + "address, and append \",password=...\" to redis.";
        }

        if (Says("database does not exist", "DB index"))
            return $"has no database {options.DefaultDatabase}; correct or leave out \",defaultDatabase=...\" in redis.";
        return null;
    }

    private static string Name(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint dns => string.Create(CultureInfo.InvariantCulture, $"{dns.Host}:{dns.Port}"),
        _ => endpoint.ToString()!,
    };

    private static int Port(ConfigurationOptions options) => options.EndPoints.FirstOrDefault() switch
    {
        IPEndPoint ip => ip.Port,
        DnsEndPoint dns => dns.Port,
        _ => 6379,
    };
}
