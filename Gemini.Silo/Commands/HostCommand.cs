using System.CommandLine;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Drills;
using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini host</c>: this machine's part of a job.</summary>
internal static class HostCommand
{
    /// <summary>
    /// An orderly stop tells the trainers to exit and leaves the cluster. Both steps have limits of their own, so a stop that takes longer than this
    /// hangs.
    /// </summary>
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The same if the launcher has exited. The launcher often took the Redis server with it. Without Redis a silo cannot leave its cluster, and
    /// nobody waits for that. Longer than the 5 s that a trainer has to exit before it is killed; shorter than the time for which a live launcher
    /// waits for its hosts.
    /// </summary>
    private static readonly TimeSpan OrphanStopBound = TimeSpan.FromSeconds(6);

    /// <summary>SIGUSR2 on Linux x86-64; .NET has no name for it. The silo ends and leaves its trainers to the next silo.</summary>
    private const PosixSignal RestartSignal = (PosixSignal)12;

    private static readonly Option<string> Config = new("--config")
    {
        Description = "The host's configuration file, JSON; deploy/hosts has samples. Example: gemini host --config deploy/hosts/host-a.json",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string?> Name = new("--name")
    {
        Description = "This host's name, in place of the file's host.name: one file then serves all machines. Example: --name $(hostname)",
        HelpName = "NAME",
    };

    private static readonly Option<string?> Address = new("--address")
    {
        Description = "This host's IP address, in place of the file's host.address.",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string[]> Set = CommandOptions.Many(
        "--set", "PROPERTY=VALUE",
        "Any property of the file, in place of what the file and the environment say; may be repeated. Lists are JSON. Example: --set host.webPort=0");

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "Only check the configuration, and that this machine has what the host needs. Exit code 0: it could start.",
    };

    private static readonly Option<bool> PrintConfig = new("--print-config")
    {
        Description = "Only print every property, where its value comes from (default, file, environment, command line), and the value. "
            + "Passwords are not printed.",
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "With --print-config: a JSON object a line.",
    };

    public static Command Create(TextWriter output, TextWriter error, CancellationToken hurry)
    {
        var command = new Command("host",
            "Runs one host of a job: its silo, its memory and its trainers, until Ctrl-C or SIGTERM. Start one on every machine; "
            + "a host whose name is not in job.hosts is a standby. SIGUSR2 ends only the silo: its trainers continue, and the next gemini host with this "
            + "configuration adopts them. Environment variables may set properties, such as GEMINI__HOST__WEBPORT=0 for host.webPort. "
            + "Exit code: 0 stopped in good order, or the job is finished; 1 the host or the job failed; "
            + "2 bad options or configuration, or the job refuses the host: starting again without a change is useless; "
            + "5 stopped, and the newest snapshot is not in the job's storage.")
        {
            Config, Name, Address, Set, Check, PrintConfig, Json,
        };
        command.SetAction((parsed, ct) =>
        {
            var settings = Read(parsed);
            if (parsed.GetValue(PrintConfig)) return Task.FromResult(Print(settings, parsed.GetValue(Json), output));
            return parsed.GetValue(Check) ? CheckAsync(settings.Configuration, output, ct) : RunAsync(settings.Configuration, error, ct, hurry);
        });
        return command;
    }

    private static HostSettings Read(ParseResult parsed)
    {
        if (parsed.GetValue(Json) && !parsed.GetValue(PrintConfig))
            throw new BadInputException("--json works only with --print-config; add --print-config, or leave --json out.");
        if (parsed.GetValue(Check) && parsed.GetValue(PrintConfig))
            throw new BadInputException("--check and --print-config cannot be used together; leave one out.");
        var settings = new List<CommandLineSetting>();
        if (parsed.GetValue(Name) is { } name) settings.Add(new CommandLineSetting("host.name", name, "--name"));
        if (parsed.GetValue(Address) is { } address) settings.Add(new CommandLineSetting("host.address", address, "--address"));
        foreach (var set in parsed.GetValue(Set) ?? [])
        {
            var end = set.IndexOf('=');
            if (end < 1) throw new BadInputException($"--set is \"{set}\", but must be PROPERTY=VALUE, such as --set host.webPort=0.");
            settings.Add(new CommandLineSetting(set[..end], set[(end + 1)..], $"--set {set[..end]}"));
        }

        return HostSettings.Read(parsed.GetRequiredValue(Config), settings);
    }

    private static int Print(HostSettings settings, bool asJson, TextWriter output)
    {
        if (asJson) SettingsOutput.WriteJson(settings, output);
        else SettingsOutput.WriteText(settings, output);
        return ExitCodes.Success;
    }

    private static async Task<int> CheckAsync(HostConfiguration configuration, TextWriter output, CancellationToken ct)
    {
        await HostPreflight.CheckAsync(configuration, TimeSpan.Zero, _ => { }, TimeProvider.System, ct);
        await output.WriteLineAsync($"host {configuration.Host.Name} of job {configuration.Job.Name} can start at {configuration.Host.Address}");
        return ExitCodes.Success;
    }

    private static async Task<int> RunAsync(HostConfiguration configuration, TextWriter error, CancellationToken ct, CancellationToken hurry)
    {
        using var restart = new CancellationTokenSource();
        using var registration = PosixSignalRegistration.Create(RestartSignal, context =>
        {
            context.Cancel = true;
            restart.Cancel();
        });
        if (!configuration.StopWhenInputEnds) return await CheckAndRunAsync(configuration, error, new StopSignals(ct, hurry, restart.Token), StopBound);

        // When the input ends, do not wait for storage: nobody is left who could use the snapshot.
        using var inputEnded = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, inputEnded.Token);
        using var hurried = CancellationTokenSource.CreateLinkedTokenSource(hurry, inputEnded.Token);
        _ = CancelWhenInputEndsAsync(inputEnded);
        try
        {
            return await CheckAndRunAsync(configuration, error, new StopSignals(stop.Token, hurried.Token, restart.Token), OrphanStopBound);
        }
        finally
        {
            if (inputEnded.IsCancellationRequested) RemoveMemory(configuration);
        }
    }

    private static async Task<int> CheckAndRunAsync(HostConfiguration configuration, TextWriter error, StopSignals signals, TimeSpan stopBound)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop, signals.Restart);
        void Say(string line) => error.WriteLine($"gemini: host {configuration.Host.Name} {line}");
        try
        {
            var wait = TimeSpan.FromSeconds(configuration.RedisWaitSeconds);
            await HostPreflight.CheckAsync(configuration, wait, Say, TimeProvider.System, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Nothing has started yet, so there is nothing to stop.
            return ExitCodes.Success;
        }

        Moments.Join(configuration.DrillSocket ?? "", configuration.Host.Name, TimeProvider.System);
        return await RunBoundedAsync(configuration, error, signals, stopBound);
    }

    private static async Task<int> RunBoundedAsync(HostConfiguration configuration, TextWriter error, StopSignals signals, TimeSpan stopBound)
    {
        var run = SiloHost.RunAsync(configuration, signals);
        if (await Task.WhenAny(run, IsOverdueAsync(configuration, signals, stopBound)) == run) return await run;
        await error.WriteLineAsync($"gemini: host {configuration.Host.Name} has not stopped within {stopBound.TotalSeconds:0} s; its process is ended now");
        if (configuration.StopWhenInputEnds) RemoveMemory(configuration);
        Environment.Exit(ExitCodes.Failed);
        return ExitCodes.Failed;
    }

    /// <summary>Completes when the host should long have stopped.</summary>
    private static async Task IsOverdueAsync(HostConfiguration configuration, StopSignals signals, TimeSpan stopBound)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop, signals.Restart);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(Departure.LimitOf(configuration), TimeProvider.System, signals.Hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(stopBound, TimeProvider.System, CancellationToken.None);
    }

    private static async Task CancelWhenInputEndsAsync(CancellationTokenSource stop)
    {
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null);
        try
        {
            await stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The host stopped first.
        }
    }

    private static void RemoveMemory(HostConfiguration configuration)
    {
        try
        {
            Directory.Delete(configuration.Paths.Directory, recursive: true);
            Directory.Delete(Path.GetDirectoryName(configuration.Paths.Directory)!);
        }
        catch (IOException)
        {
            // Another host of the job still uses the job's folder, or an exiting trainer does. The last host that ends removes the folder.
        }
    }
}
