using System.CommandLine;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Configuration;
using Gemini.Silo.Memory;
using Gemini.Silo.Sockets;
using Gemini.Silo.Status;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Commands;

/// <summary>
/// <c>gemini preflight</c>: whether this machine has the memory that its host needs, and how the network to other hosts treats background traffic.
/// </summary>
internal static class PreflightCommand
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private static readonly Option<string> Config = new("--config")
    {
        Description = "The configuration file of this machine's host.",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string[]> To = CommandOptions.Many("--to", "HOST", "Measure the path to this host; repeatable. Default: all other hosts.");

    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("preflight",
            "Compares the memory that this machine's host needs with every bound on it: the file system, the machine and its control groups. Then measures "
            + "the paths from this machine to other hosts of a running job: how fast they are, and whether background traffic slows a burst of "
            + "training. A path that has a class for background traffic (SO_PRIORITY 1, DSCP LE) needs no scheduling. Takes some 3 seconds for each path "
            + "and uses it fully meanwhile, so a job that trains becomes slower, and the figures are those beside training. Example: "
            + "gemini preflight --config deploy/hosts/host-a.json. Exit code: 0 measured; 1 a path could not be measured, or "
            + "there is too little memory; 4 no host answers.")
        {
            Config, To,
        };
        command.SetAction((parsed, ct) => RunAsync(
            HostConfigurationFile.Load(parsed.GetRequiredValue(Config)), parsed.GetValue(To) ?? [], output, error, TimeProvider.System, ct));
        return command;
    }

    internal static async Task<int> RunAsync(
        HostConfiguration configuration, IReadOnlyCollection<string> names, TextWriter output, TextWriter error, TimeProvider clock, CancellationToken ct)
    {
        var (status, problem) = await AskAsync(configuration, clock, ct);
        if (status is null)
        {
            await error.WriteLineAsync($"gemini preflight: {problem}");
            return ExitCodes.NoAnswer;
        }

        var probe = new PathProbe(new DataConnector(
            JobSecret.Load(configuration.SecretFile), configuration.Job.Name, configuration.Advanced.Transfer, clock, new TransferCounters(),
            OwnInterface.SocketsAt(configuration.Host.OwnCheckpointAddress())), new ProbeTurn());
        var isWhole = await SayMemoryAsync(configuration, status, output);
        foreach (var (host, endpoint) in Targets(configuration, names, status))
        {
            var (path, obstacle) = await probe.MeasureAsync(endpoint, isOwnTurnFirst: false, ct);
            isWhole &= path is not null;
            await output.WriteLineAsync($"{configuration.Host.Name} to {host} ({endpoint}): {path?.Describe() ?? $"not measured: {obstacle}"}");
        }

        return isWhole ? ExitCodes.Success : ExitCodes.Failed;
    }

    /// <summary>Whether this machine has the memory that its host needs.</summary>
    private static async Task<bool> SayMemoryAsync(HostConfiguration configuration, JobStatus status, TextWriter output)
    {
        if (status.Hosts.FirstOrDefault(host => host.Alive && host.Report.Host == configuration.HostName) is not { } own) return true;
        var (text, fits) = PreflightMemory.Of(own, MachineMemory.BoundsOf(configuration.MemoryRoot), configuration.Advanced.Memory.LimitBytes);
        await output.WriteLineAsync($"{configuration.Host.Name}: {text}");
        return fits;
    }

    /// <summary>The hosts to measure, with their data ports.</summary>
    private static List<(HostName Host, string Endpoint)> Targets(HostConfiguration configuration, IReadOnlyCollection<string> names, JobStatus status)
    {
        var known = status.Hosts.Where(host => host.Alive && host.Report.Host.Value != configuration.Host.Name)
            .ToDictionary(host => host.Report.Host.Value, host => host.Report.DataEndpoint);
        foreach (var name in names.Where(name => !known.ContainsKey(name)))
            throw new BadInputException($"--to {name} is no other live host of the job; these are: {string.Join(", ", known.Keys.Order())}.");
        return [.. known.Where(host => names.Count == 0 || names.Contains(host.Key)).OrderBy(host => host.Key)
            .Select(host => (new HostName(host.Key), host.Value))];
    }

    private static async Task<(JobStatus? Status, string Problem)> AskAsync(HostConfiguration configuration, TimeProvider clock, CancellationToken ct)
    {
        var (redis, job) = (configuration.Redis, configuration.Job.Name);
        if (await JobSearch.FindAsync(redis, job, AnswerLimit, clock, ct) is { } problem) return (null, problem);
        await using var client = new JobClient(redis, job, clock);
        return await JobSearch.AskAsync(client, AnswerLimit, clock, ct) is { } status
            ? (status, "")
            : (null, JobSearch.Explain(client, redis, job, (int)AnswerLimit.TotalSeconds));
    }
}
