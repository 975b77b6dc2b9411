using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Status;

/// <summary>Finds a running job for a command that asks it something, and says why if there is no answer.</summary>
internal static class JobSearch
{
    private static readonly TimeSpan AskPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Returns null if the server answers and hosts of the job have been registered there, else the problem. This check comes first, because a client
    /// without a server would search in silence. For a job that does not exist, a client would also write an empty list of members, but a question
    /// must change nothing.
    /// </summary>
    public static async Task<string?> FindAsync(string redis, string job, TimeSpan limit, TimeProvider clock, CancellationToken ct)
    {
        RedisProbe.Parse(redis);
        try
        {
            var isThere = await RedisProbe.AskAsync(
                redis, database => database.KeyExistsAsync(JobClient.MembershipKeyOf(job)), limit, clock, ct);
            return isThere ? null : NoHost(redis, job);
        }
        catch (BadInputException bad)
        {
            return $"the job's {bad.Message}";
        }
    }

    /// <summary>Asks until there is a status. Null if nobody answered in time.</summary>
    public static async Task<JobStatus?> AskAsync(JobClient client, TimeSpan limit, TimeProvider clock, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(AskPeriod, clock);
        var start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < limit)
        {
            if (await client.AskStatusAsync(ct) is { } status) return status;
            await timer.WaitForNextTickAsync(ct);
        }

        return null;
    }

    /// <summary>Why nobody answered, and what to look at.</summary>
    public static string Explain(JobClient client, string redis, string job, int seconds)
    {
        var server = redis.Split(',')[0];
        return client.IsConnected
            ? $"no answer within {seconds} s: hosts of job '{job}' are registered in redis {server}, but its root agent did not answer; "
                + "are more than half of the hosts down? The logs of the hosts say what they wait for."
            : $"no answer within {seconds} s: redis {server} is up, but no host of a job '{job}' that it names could be reached; "
                + "is a host running (gemini host --config FILE) on this machine, or one with host.remoteClients elsewhere, and is the job's name right?";
    }

    private static string NoHost(string redis, string job) =>
        $"no host of a job '{job}' has ever been registered in redis {redis.Split(',')[0]}; "
        + "is a host running (gemini host --config FILE), and is the job's name right?";
}
