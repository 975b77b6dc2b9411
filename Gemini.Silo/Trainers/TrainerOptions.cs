using System.Collections.Immutable;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>How a host starts its trainers, and how long it waits for what.</summary>
internal sealed record TrainerOptions : TrainerLimits
{
    public TrainerOptions()
    {
    }

    public TrainerOptions(TrainerLimits limits)
        : base(limits)
    {
    }

    /// <summary>The program to run, found on the path when it has no directory.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments, the same for each of the host's trainers.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Where <c>trainer-K.out.log</c> and <c>trainer-K.err.log</c> are appended to. Made when missing.</summary>
    public required string LogDirectory { get; init; }

    /// <summary>The folder that the trainers run in; null: the silo's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment beyond what <see cref="Interfaces.Wire.TrainerEnvironment"/> names, for example how many threads to use.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>"address:port" of this silo's Orleans gateway.</summary>
    public required string Gateway { get; init; }

    public required string ClusterId { get; init; }

    public required string ServiceId { get; init; }

    /// <summary>Path of the job secret; empty when the job has none.</summary>
    public string SecretFile { get; init; } = "";

    /// <summary>The host's address on the training network.</summary>
    public string RingAddress { get; init; } = "127.0.0.1";

    /// <summary>The ports at which trainers may listen, two for each, spares included. Default: any.</summary>
    public PortRange Ports { get; init; }

    /// <summary>
    /// Warm spare processes of every trainer: the next trainer after a death is there at once. Range: 0 to 4. Default: 0, for a
    /// program that does not know of spares; a host's configuration says 1 when it says nothing.
    /// </summary>
    public int Spares { get; init; }

    /// <summary>
    /// How long a training loop may take, after its trainer answered a stop, to ask where to go on from, before the process is killed;
    /// or <see cref="ReturnMultiple"/> times its median iteration, when that is longer. Default: 10 s.
    /// </summary>
    public TimeSpan ReturnFloor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Default: 5.</summary>
    public double ReturnMultiple { get; init; } = 5;

    /// <summary>Has the log files of a trainer. Tests put one that hangs in its place.</summary>
    internal Func<string, int, TrainerLogs> OpenLogs { get; init; } = TrainerLogs.Prepare;
}
