using System.CommandLine;
using Gemini.Interfaces.Drills;
using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini host</c>: this machine's part of a job.</summary>
internal static class HostCommand
{
    /// <summary>An orderly stop tells the trainers, leaves the cluster and bounds both itself; longer than this, something hangs.</summary>
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(15);

    public static Command Create(TextWriter error)
    {
        var config = new Option<string>("--config")
        {
            Description = "The host's configuration file, JSON; deploy/hosts has samples. Example: gemini host --config deploy/hosts/host-a.json",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("host",
            "Runs one host of a job: its silo, its memory and its trainers, until Ctrl-C or SIGTERM. Start one on every machine; "
            + "a host whose name is not in job.hosts is a standby.")
        {
            config,
        };
        command.SetAction((parsed, ct) => RunAsync(HostConfigurationFile.Load(parsed.GetRequiredValue(config)), error, ct));
        return command;
    }

    private static async Task<int> RunAsync(HostConfiguration configuration, TextWriter error, CancellationToken ct)
    {
        HostPreflight.Check(configuration);
        Moments.Join(configuration.DrillSocket ?? "", configuration.Host.Name);
        await RedisProbe.EnsureReachableAsync(configuration.Redis, ct);
        if (!configuration.StopWhenInputEnds) return await RunBoundedAsync(configuration, error, ct);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _ = CancelWhenInputEndsAsync(stop);
        try
        {
            return await RunBoundedAsync(configuration, error, stop.Token);
        }
        finally
        {
            if (!ct.IsCancellationRequested && stop.IsCancellationRequested) RemoveMemory(configuration);
        }
    }

    private static async Task<int> RunBoundedAsync(HostConfiguration configuration, TextWriter error, CancellationToken ct)
    {
        var run = SiloHost.RunAsync(configuration, ct);
        var stopping = Task.Delay(Timeout.InfiniteTimeSpan, ct).ContinueWith(
            _ => Task.Delay(StopBound, CancellationToken.None), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
        if (await Task.WhenAny(run, stopping) == run) return await run;
        await error.WriteLineAsync($"gemini: host {configuration.Host.Name} has not stopped within {StopBound.TotalSeconds:0} s and is ended");
        if (configuration.StopWhenInputEnds) RemoveMemory(configuration);
        Environment.Exit(ExitCodes.Failed);
        return ExitCodes.Failed;
    }

    private static async Task CancelWhenInputEndsAsync(CancellationTokenSource stop)
    {
        await using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        while (await input.ReadAsync(buffer) > 0)
        {
        }

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
            // Another host of the job is still there, or a trainer is on its way out; the last one removes the folder.
        }
    }
}
