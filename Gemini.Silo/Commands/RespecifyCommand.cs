using System.CommandLine;
using Gemini.Silo.Configuration;
using Gemini.Silo.Hosting;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini respecify</c>: a person accepts that the job's specification has changed.</summary>
internal static class RespecifyCommand
{
    public static Command Create(TextWriter output)
    {
        var config = new Option<string>("--config")
        {
            Description = "A host's configuration file with the new specification. Example: gemini respecify --config deploy/hosts/host-a.json",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("respecify",
            "Accepts a changed configuration of a job that has started: writes the file's specification into the job's record, and prints what it "
            + "changed. Stop all hosts of the job first; only job.standbys may be changed while they run. No snapshot is touched.")
        {
            config,
        };
        command.SetAction((parsed, ct) => RunAsync(HostConfigurationFile.Load(parsed.GetRequiredValue(config)), output, ct));
        return command;
    }

    private static async Task<int> RunAsync(HostConfiguration configuration, TextWriter output, CancellationToken ct)
    {
        await RedisProbe.EnsureReachableAsync(configuration.Redis, TimeProvider.System, ct);
        var differences = await SiloHost.RespecifyAsync(configuration, ct);
        if (differences.IsEmpty) await output.WriteLineAsync($"The record of job {configuration.Job.Name} has this specification already.");
        foreach (var difference in differences) await output.WriteLineAsync($"{difference.Property}: \"{difference.Here}\" is now \"{difference.There}\"");
        return ExitCodes.Success;
    }
}
