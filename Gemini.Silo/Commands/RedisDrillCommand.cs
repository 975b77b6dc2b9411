using System.CommandLine;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini drill redis</c>: the drills' own Redis server, in a process that a drill can kill. Ends when its input ends.</summary>
internal static class RedisDrillCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Where it listens, on 127.0.0.1.", HelpName = "PORT", Required = true };
        var directory = new Option<string>("--directory") { Description = "Where it logs its writes.", HelpName = "DIR", Required = true };
        var command = new Command("redis", "Runs the Redis server that the kill matrix kills.") { port, directory };
        command.Hidden = true;
        command.SetAction(async (parsed, ct) =>
        {
            using var server = new GarnetHost(parsed.GetValue(port), directory: parsed.GetRequiredValue(directory));
            await using var input = Console.OpenStandardInput();
            await input.CopyToAsync(Stream.Null, ct);
            return ExitCodes.Success;
        });
        return command;
    }
}
