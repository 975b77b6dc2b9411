using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Presets;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>What <c>gemini demo</c> was asked to do.</summary>
internal sealed record DemoOptions
{
    /// <summary>N: hosts that train. 1 to 64. Default: 4.</summary>
    public int Hosts { get; init; } = 4;

    /// <summary>m: copies of every shard. 1 to N. Default: 2.</summary>
    public int Replicas { get; init; } = 2;

    /// <summary>Further hosts that wait to replace a lost one. 0 to 64. Default: 1.</summary>
    public int Standby { get; init; } = 1;

    /// <summary>Length of the run. At least 1. Default: 40.</summary>
    public long Iterations { get; init; } = 40;

    /// <summary>One of <see cref="ModelPresets"/>.</summary>
    public string Model { get; init; } = ModelPresets.DefaultName;

    /// <summary>File or folder with the text to train on; null: the trainer's own default.</summary>
    public string? Data { get; init; }

    public long Seed { get; init; } = 1;

    public ImmutableArray<KillSpec> Kills { get; init; } = [];

    /// <summary>Whether an uninterrupted run follows, to compare the final state with.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Where to write the report; null: nowhere.</summary>
    public string? Report { get; init; }

    /// <summary>Where to keep the logs; null: they are removed after a run that went well.</summary>
    public string? Logs { get; init; }

    /// <summary>Where host memory is kept.</summary>
    public string MemoryRoot { get; init; } = HostPaths.DefaultRoot;

    /// <summary>Where snapshots are persisted; null: nowhere.</summary>
    public string? Storage { get; init; }

    /// <summary>Iterations from one persisted snapshot to the next. At least 1. Default: 10.</summary>
    public long PersistEvery { get; init; } = 10;

    /// <summary>Whether the job keeps its final state; a job without checkpoints does not.</summary>
    public bool HasFinalState => CheckpointPolicy.Of(Mode).Captures;

    /// <summary>Whether the final state is compared with that of an uninterrupted run.</summary>
    public bool IsVerified => Verify && HasFinalState;

    /// <summary>What the job does with its checkpoints. The paper's baselines need <see cref="Storage"/> and 1 replica.</summary>
    public CheckpointMode Mode { get; init; } = CheckpointPolicy.DefaultMode;

    /// <summary>Warm spare processes of every trainer. 0 to 4. Default: 1.</summary>
    public int Spares { get; init; } = 1;

    /// <summary>The trainer's program; null: the one that was built with this one.</summary>
    public string? Trainer { get; init; }

    /// <summary>Further arguments, for a trainer of one's own.</summary>
    public ImmutableArray<string> MoreArguments { get; init; } = [];

    /// <summary>The least time of an iteration in milliseconds; 0: full speed. Default: 0.</summary>
    public int PaceMilliseconds { get; init; }

    /// <summary>Whether a drill can pause the hosts' processes (<see cref="LocalCluster.DrillSocket"/>). Default: false.</summary>
    public bool IsDrill { get; init; }

    /// <summary>How the hosts use <see cref="Storage"/>; null if there is none.</summary>
    public StorageConfiguration? StorageConfiguration() => Storage is not { } directory ? null : new StorageConfiguration
    {
        Directory = directory,
        EveryIterations = PersistEvery,
    };

    /// <summary>How soon a silent host counts as lost. Default: fast.</summary>
    public TimingProfile Timing { get; init; } = TimingProfile.Fast;

    /// <summary>The network that the hosts are on; null: this machine's loopback.</summary>
    public HostNetwork? Network { get; init; }

    /// <summary>The trainers' arguments, the same in the job and in the run that it is compared with.</summary>
    public ImmutableArray<string> TrainerArguments()
    {
        ImmutableArray<string> arguments =
            ["--model", Model, "--seed", Text(Seed), "--iterations", Text(Iterations)];
        if (PaceMilliseconds > 0) arguments = [.. arguments, "--pace", Text(PaceMilliseconds)];
        if (Data is not null) arguments = [.. arguments, "--data", Path.GetFullPath(Data)];
        return [.. arguments, .. MoreArguments];

        static string Text(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
