using System.CommandLine;
using Gemini.Silo.Configuration;
using Gemini.Silo.Status;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini status</c>: says whether a running job is safe, and where its snapshots are.</summary>
internal static class StatusCommand
{
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

    private static readonly Option<bool> Brief = new("--brief")
    {
        Description = "One line: verdict, reason, iterations. With --watch one line a second.",
    };

    private static readonly Option<bool> Watch = new("--watch")
    {
        Description = "Repeat every second, until Ctrl-C. On a terminal, shows as much as fits, the verdict first.",
    };

    private static readonly Option<int> Behind = CommandOptions.Value(
        "--max-behind", "ITERATIONS",
        "The job is degraded if its newest commit is further behind training than both this and --max-behind-seconds. Range: from 1.",
        new SafetyBounds().Iterations);

    private static readonly Option<int> BehindSeconds = CommandOptions.Value(
        "--max-behind-seconds", "SECONDS", "The same in seconds of training, by the median iteration. Range: from 0.", new SafetyBounds().Seconds);

    private static readonly Option<int> Timeout = CommandOptions.Value("--timeout", "SECONDS", "How long to wait for an answer. Range: 1 to 600.", 5);

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("status",
            "Says whether a running job is safe: which iteration is captured, committed and persisted, which host holds which copy, which losses would "
            + "cost what, and how every recovery went. Example: gemini status --config deploy/hosts/host-a.json. Exit code: "
            + "0 safe: training or finished, with all copies on present hosts; 1 failed: the job cannot continue by itself; 2 bad options or configuration; "
            + "3 degraded or recovering: a shard has too few copies now, or commits do not keep up; 4 no answer.")
        {
            Config, Redis, Job, Json, Brief, Watch, Behind, BehindSeconds, Timeout,
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
        var bounds = Bounds(parsed);
        var show = new StatusOutput(Format(parsed), output);
        if (await JobSearch.FindAsync(redis, job, seconds, TimeProvider.System, ct) is { } problem) return NoAnswer(error, problem);
        await using var client = new JobClient(redis, job, TimeProvider.System);
        Task<StatusReport?> Ask() => AskAsync(client, bounds, seconds, ct);
        if (await Ask() is not { } report) return NoAnswer(error, JobSearch.Explain(client, redis, job, limit));
        if (!parsed.GetValue(Watch))
        {
            show.Write(report);
            return ExitCodeOf(report.Verdict);
        }

        await show.WatchAsync(report, Ask, ct);
        return NoAnswer(error, JobSearch.Explain(client, redis, job, limit));
    }

    private static StatusFormat Format(ParseResult parsed) => (parsed.GetValue(Json), parsed.GetValue(Brief)) switch
    {
        (true, true) => throw new BadInputException("--json and --brief are two ways to write one answer; leave one out."),
        (true, _) => StatusFormat.Json,
        (_, true) => StatusFormat.Brief,
        _ => StatusFormat.Text,
    };

    private static SafetyBounds Bounds(ParseResult parsed)
    {
        var bounds = new SafetyBounds { Iterations = parsed.GetValue(Behind), Seconds = parsed.GetValue(BehindSeconds) };
        if (bounds.Iterations < 1)
            throw new BadInputException($"--max-behind is {bounds.Iterations}, but the commits of a healthy job are sometimes 1 behind; use 1 or more.");
        if (bounds.Seconds < 0) throw new BadInputException($"--max-behind-seconds is {bounds.Seconds}; it is 0 or more.");
        return bounds;
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

    /// <summary>Null if nobody answered in time.</summary>
    private static async Task<StatusReport?> AskAsync(JobClient client, SafetyBounds bounds, TimeSpan limit, CancellationToken ct) =>
        await JobSearch.AskAsync(client, limit, TimeProvider.System, ct) is { } status
            ? StatusReports.Of(status, await client.AskCommitRecordAsync(ct), bounds)
            : null;

    private static int NoAnswer(TextWriter error, string problem)
    {
        error.WriteLine($"gemini status: {problem}");
        return ExitCodes.NoAnswer;
    }
}
