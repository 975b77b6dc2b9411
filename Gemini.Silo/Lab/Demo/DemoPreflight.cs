using System.Globalization;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Memory;
using Gemini.Silo.Status;

namespace Gemini.Silo.Lab.Demo;

/// <summary>Checks, before a process starts, everything that can be known to fail.</summary>
internal static class DemoPreflight
{
    private const int MaxHosts = 64;

    /// <exception cref="BadInputException">The demo cannot work as asked for; the message names the fix.</exception>
    public static void Check(DemoOptions options)
    {
        CheckCounts(options);
        var shape = Shape(options.Model);
        if (options.Data is { } data && !File.Exists(data) && !Directory.Exists(data))
            throw new BadInputException($"--data {data} does not exist; give a text file or a folder with text files, or leave it out.");
        if (options.Report is { } report) UsablePaths.RequireWritableFile("--report", report);
        _ = TrainerLocator.Locate(new TrainerConfiguration { Command = options.Trainer });
        CheckStorage(options);
        // Before the folder is made, so that nothing is touched in a file system that is too small.
        var need = MemoryNeed.Of(shape.ParameterCount, options.Hosts, options.Replicas, options.Storage is not null);
        CheckMemory(options, need, MachineMemory.BoundsOf(options.MemoryRoot));
        CheckFolders(options);
        OpenFileLimit.Require();
    }

    private static void CheckFolders(DemoOptions options)
    {
        if (options.Logs is { } logs) UsablePaths.RequireWritableFolder("--logs", logs);
        UsablePaths.RequireWritableFolder("TMPDIR", Path.GetTempPath());
        CheckMemoryRoot(options.MemoryRoot);
    }

    /// <summary>Compares the memory that the job needs with the free memory.</summary>
    internal static void CheckMemory(DemoOptions options, MemoryNeed need, IReadOnlyList<MemoryBound> bounds)
    {
        if (MemoryBudget.Tightest(bounds) is not { } bound || need.TotalBytes <= bound.FreeBytes) return;
        throw new BadInputException(string.Create(
            CultureInfo.InvariantCulture,
            $"--memory {options.MemoryRoot}: {bound.Name} has {bound.FreeBytes} bytes ({ByteText.Of(bound.FreeBytes)}) free, but the job needs "
            + $"{need.TotalBytes} bytes ({ByteText.Of(need.TotalBytes)}: {options.Hosts} shards x {options.Replicas} replicas x 2 slots of "
            + $"{ByteText.Of(need.SegmentBytes)}{(options.Storage is null ? "" : ", and one more per shard for --storage")}). "
            + $"{bound.Fix(need.TotalBytes - bound.FreeBytes)}{DescribeUnused(options.MemoryRoot)}"));
    }

    /// <summary>What could be removed to make room: memory of jobs that run nothing here, such as hosts that were stopped.</summary>
    private static string DescribeUnused(string memoryRoot)
    {
        var unused = DemoLeftovers.Unused(memoryRoot);
        return unused.Count == 0 ? "" : $" Folders there that no trainer uses hold {ByteText.Of(unused.Sum(folder => folder.Bytes))}, the largest is "
            + $"{unused[0].Path}; gemini forget --config FILE, or rm -r, frees them; use it only if their jobs are no longer needed.";
    }

    /// <summary>Every host would report this about itself. Report it before a host starts.</summary>
    private static void CheckMemoryRoot(string root)
    {
        try
        {
            PrivateFolder.Ensure(root);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--memory {error.Message}");
        }
    }

    private static void CheckStorage(DemoOptions options)
    {
        var checkpoints = CheckpointPolicy.Of(options.Mode);
        if (checkpoints.SaveWait == SaveWait.Staged && options.Storage is null)
            throw new BadInputException($"--mode {options.Mode} recovers from storage alone; name a folder for it with --storage DIR.");
        if (!checkpoints.RecoversFromMemory && options.Replicas != 1)
            throw new BadInputException($"--mode {options.Mode} keeps no replicas, but --replicas is {options.Replicas}; leave it out.");
        if (options.Storage is { } storage) UsablePaths.RequireWritableFolder("--storage", storage);
    }

    private static void CheckCounts(DemoOptions options)
    {
        Require(options.Hosts is >= 1 and <= MaxHosts, "--hosts", options.Hosts, $"1 to {MaxHosts} hosts fit on one machine");
        Require(options.Standby is >= 0 and <= MaxHosts, "--standby", options.Standby, $"0 to {MaxHosts} standby hosts fit on one machine");
        Require(options.Iterations >= 1, "--iterations", options.Iterations, "a run has at least 1 iteration");
        Require(options.Spares is >= 0 and <= 4, "--spares", options.Spares, "a trainer has 0 to 4 spares");
        Require(options.PersistEvery >= 1, "--persist-every", options.PersistEvery, "at most every iteration is persisted; use 1 or more");
        if (options.Replicas < 1 || options.Replicas > options.Hosts)
            throw new BadInputException(HostConfigurationValidator.Replicas("--replicas", options.Replicas, options.Hosts) + ".");

        static void Require(bool holds, string option, long value, string rule)
        {
            if (!holds) throw new BadInputException($"{option} is {value}, but {rule}.");
        }
    }

    private static ModelShape Shape(string model)
    {
        try
        {
            return ModelPresets.Get(model);
        }
        catch (ArgumentException)
        {
            throw new BadInputException($"--model {model} is unknown; known are: {string.Join(", ", ModelPresets.All.Select(shape => shape.Name))}.");
        }
    }
}
