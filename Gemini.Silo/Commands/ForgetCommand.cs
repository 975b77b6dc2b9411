using System.CommandLine;
using Gemini.Silo.Configuration;
using Gemini.Silo.Forgetting;
using Gemini.Silo.Persistence;
using Gemini.Silo.Status;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini forget</c>: deletes what a job left, so that a job of the same name starts from the beginning.</summary>
internal static class ForgetCommand
{
    private static readonly Option<string> Config = new("--config")
    {
        Description = "The configuration file of any of the job's hosts on this machine.",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask." };

    private static readonly Option<bool> Storage = new("--storage") { Description = "Also delete the job's snapshots in persistent storage." };

    public static Command Create(TextReader input, TextWriter output)
    {
        var command = new Command("forget",
            "Deletes what a job left: its record, membership and grain directory in Redis, and its host memory on this machine. A job of the same "
            + "name then starts from the beginning. Refuses while a silo or a trainer of the job runs. Run it on every machine of the job; "
            + "snapshots in storage stay unless --storage is given. Example: gemini forget --config deploy/hosts/host-a.json")
        {
            Config, Yes, Storage,
        };
        command.SetAction((parsed, ct) => RunAsync(
            HostConfigurationFile.Load(parsed.GetRequiredValue(Config)), parsed.GetValue(Yes), parsed.GetValue(Storage), input, output, ct));
        return command;
    }

    internal static async Task<int> RunAsync(
        HostConfiguration configuration, bool isAgreed, bool withStorage, TextReader input, TextWriter output, CancellationToken ct)
    {
        if (withStorage && configuration.Storage is null)
            throw new BadInputException("--storage is given, but the job's configuration has no storage; leave --storage out.");
        await RedisProbe.EnsureReachableAsync(configuration.Redis, TimeProvider.System, ct);
        var registry = new JobRegistry(configuration.Redis, configuration.ClusterId, TimeProvider.System);
        var memory = new JobFolder(Path.GetDirectoryName(configuration.Paths.Directory)!);
        var stored = configuration.Storage is { } storage ? new JobFolder(new StoreLayout(storage.Directory, configuration.Job.Name).Job) : null;
        await RefuseWhileItLivesAsync(configuration.Job.Name, registry, memory);
        if (!isAgreed && !await AgreesAsync(configuration, memory, withStorage ? stored : null, input, output, ct)) return ExitCodes.Failed;

        var keys = await registry.DeleteAsync();
        await output.WriteLineAsync($"redis {RedisName(configuration)}: {(keys.Count == 0 ? "nothing there" : $"deleted {string.Join(", ", keys)}")}");
        await DeleteAsync("host memory", memory, output);
        if (withStorage) await DeleteAsync("storage", stored!, output);
        else if (stored is { Exists: true })
            await output.WriteLineAsync($"storage {stored.Path}: kept; a job of this name resumes from it (--storage deletes it)");
        await output.WriteLineAsync("host memory on other machines: not touched; run the same command there");
        return ExitCodes.Success;
    }

    private static async Task RefuseWhileItLivesAsync(string job, JobRegistry registry, JobFolder memory)
    {
        if (await registry.LiveHostsAsync() is { Count: > 0 } live)
            throw new BadInputException($"job {job} is not forgotten, because a silo still runs on {string.Join(", ", live)}; stop the hosts first (SIGTERM).");
        if (memory.HeldLock() is { } held)
            throw new BadInputException($"job {job} is not forgotten, because a live trainer holds {held}; stop it first, or its host.");
    }

    private static async Task<bool> AgreesAsync(
        HostConfiguration configuration, JobFolder memory, JobFolder? stored, TextReader input, TextWriter output, CancellationToken ct)
    {
        await output.WriteAsync($"Delete job {configuration.Job.Name} in redis {RedisName(configuration)}, {Describe(memory)}"
            + $"{(stored is null ? "" : $" and {Describe(stored)}")}? [y/N] ");
        if (await input.ReadLineAsync(ct) is "y" or "Y" or "yes") return true;
        await output.WriteLineAsync("Nothing is deleted.");
        return false;
    }

    private static async Task DeleteAsync(string what, JobFolder folder, TextWriter output)
    {
        if (!folder.Exists)
        {
            await output.WriteLineAsync($"{what} {folder.Path}: nothing there");
            return;
        }

        var bytes = folder.Bytes;
        try
        {
            folder.Delete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{what} {folder.Path} cannot be deleted: {error.Message.ReplaceLineEndings(" ")} Delete it as its owner.");
        }

        await output.WriteLineAsync($"{what} {folder.Path}: deleted {ByteText.Of(bytes)}");
    }

    private static string Describe(JobFolder folder) => $"{folder.Path} ({ByteText.Of(folder.Bytes)})";

    /// <summary>The server's address without its options, because the options may hold a password.</summary>
    private static string RedisName(HostConfiguration configuration) => configuration.Redis.Split(',')[0];
}
