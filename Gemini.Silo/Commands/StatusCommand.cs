using System.CommandLine;
using System.Globalization;
using Gemini.Silo.Configuration;
using Gemini.Silo.Status;
using Spectre.Console;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini status</c>: where a running job is safe.</summary>
internal static class StatusCommand
{
    /// <summary>Wide enough for every table, when there is no terminal to ask.</summary>
    private const int RedirectedWidth = 132;

    private static readonly TimeSpan AskPeriod = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(1);

    private static readonly Option<string?> Config = new("--config")
    {
        Description = "The configuration file of any of the job's hosts.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Redis = new("--redis")
    {
        Description = "With --job, instead of --config: the job's Redis server.",
        HelpName = "ADDRESS:PORT",
    };

    private static readonly Option<string?> Job = new("--job")
    {
        Description = "With --redis: the job's name.",
        HelpName = "NAME",
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Write JSON; Gemini.Silo/Status/DESIGN.md has its schema. With --watch one line a second.",
    };

    private static readonly Option<bool> Watch = new("--watch") { Description = "Again every second, until Ctrl-C." };

    private static readonly Option<int> Timeout = CommandOptions.Value("--timeout", "SECONDS", "How long to wait for an answer. Range: 1 to 600.", 5);

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("status",
            "Says where a running job is safe: which iteration is captured, committed and persisted, who holds which copy, what would be lost with "
            + "whom, and how every recovery went. Example: gemini status --config deploy/hosts/host-a.json. Exit code: "
            + "0 safe: training or finished, with all copies on live hosts; 1 failed: the job cannot go on by itself; 2 bad options or configuration; "
            + "3 degraded or recovering: a shard has too few copies now; 4 no answer.")
        {
            Config, Redis, Job, Json, Watch, Timeout,
        };
        command.SetAction((parsed, ct) => RunAsync(parsed, output, error, ct));
        return command;
    }

    /// <summary>The process's exit code for a verdict.</summary>
    internal static int ExitCodeOf(string verdict) => verdict switch
    {
        "safe" => ExitCodes.Success,
        "failed" => ExitCodes.Failed,
        _ => ExitCodes.NotSafe,
    };

    private static async Task<int> RunAsync(ParseResult parsed, TextWriter output, TextWriter error, CancellationToken ct)
    {
        var (redis, job) = Target(parsed);
        var limit = parsed.GetValue(Timeout);
        if (limit is < 1 or > 600) throw new BadInputException($"--timeout is {limit}, but an answer takes 1 to 600 s; 5 is enough for a healthy job.");
        var seconds = TimeSpan.FromSeconds(limit);
        if (await FindRedisAsync(redis, seconds, ct) is { } problem) return NoAnswer(error, problem);
        await using var client = new JobClient(redis, job, TimeProvider.System);
        if (await AskAsync(client, seconds, ct) is not { } report) return NoAnswer(error, Explain(client, redis, job, limit));
        if (!parsed.GetValue(Watch))
        {
            Write(report, parsed.GetValue(Json), CreateConsole(output), output);
            return ExitCodeOf(report.Verdict);
        }

        return await WatchAsync(client, report, parsed.GetValue(Json), seconds, output, ct) ?? NoAnswer(error, Explain(client, redis, job, limit));
    }

    private static (string Redis, string Job) Target(ParseResult parsed)
    {
        var (config, redis, job) = (parsed.GetValue(Config), parsed.GetValue(Redis), parsed.GetValue(Job));
        if (config is not null && redis is null && job is null)
        {
            var configuration = HostConfigurationFile.Load(config);
            return (configuration.Redis, configuration.Job.Name);
        }

        if (config is null && redis is { Length: > 0 } && job is { Length: > 0 }) return (redis, job);
        throw new BadInputException("status needs either --config FILE, or --redis ADDRESS:PORT and --job NAME.");
    }

    /// <summary>Null when there is a server; a client without one would search in silence.</summary>
    private static async Task<string?> FindRedisAsync(string redis, TimeSpan limit, CancellationToken ct)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bound.CancelAfter(limit);
        try
        {
            await RedisProbe.EnsureReachableAsync(redis, bound.Token);
            return null;
        }
        catch (BadInputException bad)
        {
            return $"the job's {bad.Message}";
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"the job's redis {redis.Split(',')[0]} did not answer within {limit.TotalSeconds:0} s; "
                + $"is the server up (redis-server --port 6379), and the address right?");
        }
    }

    /// <summary>Null when nobody answered in time.</summary>
    private static async Task<StatusReport?> AskAsync(JobClient client, TimeSpan limit, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(AskPeriod);
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < limit)
        {
            if (await client.AskStatusAsync(ct) is { } status) return StatusReports.Of(status, await client.AskCommitRecordAsync(ct));
            await timer.WaitForNextTickAsync(ct);
        }

        return null;
    }

    private static async Task<int?> WatchAsync(
        JobClient client, StatusReport first, bool json, TimeSpan limit, TextWriter output, CancellationToken ct)
    {
        var console = CreateConsole(output);
        using var timer = new PeriodicTimer(WatchPeriod);
        for (var report = first; report is not null; report = await AskAsync(client, limit, ct))
        {
            if (json) await output.WriteLineAsync(StatusJson.WriteLine(report));
            else if (console.Profile.Capabilities.Interactive) Redraw(console, report);
            else Write(report, json: false, console, output);
            await timer.WaitForNextTickAsync(ct);
        }

        return null;
    }

    private static void Redraw(IAnsiConsole console, StatusReport report)
    {
        console.Clear(home: true);
        console.Write(StatusScreen.Draw(report));
    }

    private static void Write(StatusReport report, bool json, IAnsiConsole console, TextWriter output)
    {
        if (json) output.WriteLine(StatusJson.Write(report));
        else console.Write(StatusScreen.Draw(report));
    }

    internal static IAnsiConsole CreateConsole(TextWriter output, int width = RedirectedWidth)
    {
        if (output == Console.Out && !Console.IsOutputRedirected) return AnsiConsole.Console;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    private static string Explain(JobClient client, string redis, string job, int seconds)
    {
        var server = redis.Split(',')[0];
        return client.IsConnected
            ? $"no answer within {seconds} s: hosts of job '{job}' are registered in redis {server}, but its root agent did not answer; "
                + "are more than half of the hosts down? Their logs say what they wait for."
            : $"no answer within {seconds} s: redis {server} is up, but no host of a job '{job}' that it names could be reached; "
                + "is a host running (gemini host --config FILE), and is the job's name right?";
    }

    private static int NoAnswer(TextWriter error, string problem)
    {
        error.WriteLine($"gemini status: {problem}");
        return ExitCodes.NoAnswer;
    }
}
