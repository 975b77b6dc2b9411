using System.Collections.Immutable;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>How a host starts its trainers, and its limits for them.</summary>
internal sealed record TrainerOptions : TrainerLimits
{
    public TrainerOptions()
    {
    }

    public TrainerOptions(TrainerLimits limits)
        : base(limits)
    {
    }

    /// <summary>The program to run. If it has no directory, it is searched on the path.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments, the same for each of the host's trainers.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>
    /// The folder of <c>trainer-K.out.log</c> and <c>trainer-K.err.log</c>. New output is appended. The folder is made if it is missing.
    /// </summary>
    public required string LogDirectory { get; init; }

    /// <summary>The working folder of the trainers; null: the silo's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// Environment variables in addition to those of <see cref="Interfaces.Wire.TrainerEnvironment"/>, for example how many threads to use.
    /// </summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>"address:port" of this silo's Orleans gateway.</summary>
    public required string Gateway { get; init; }

    public required string ClusterId { get; init; }

    public required string ServiceId { get; init; }

    /// <summary>Path of the job secret; empty if the job has none.</summary>
    public string SecretFile { get; init; } = "";

    /// <summary>The host's address on the training network.</summary>
    public string RingAddress { get; init; } = "127.0.0.1";

    /// <summary>The ports at which trainers may listen: two for each trainer and each spare. Default: any.</summary>
    public PortRange Ports { get; init; }

    /// <summary>
    /// How many warm spare processes each trainer has, so that after a death the next process is there at once. Range: 0 to 4. Default: 0, for a
    /// program that does not know of spares. If a host's configuration does not set it, the host uses 1.
    /// </summary>
    public int Spares { get; init; }

    /// <summary>
    /// How long a training loop may take to ask for a restore point after its trainer answered a stop. Then the process is killed. The limit is
    /// <see cref="ReturnMultiple"/> times the median iteration, if that is longer. Default: 10 s.
    /// </summary>
    public TimeSpan ReturnFloor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>See <see cref="ReturnFloor"/>. Default: 5.</summary>
    public double ReturnMultiple { get; init; } = 5;

    /// <summary>Opens the log files of a trainer. Tests replace it by one that hangs.</summary>
    internal Func<string, int, TrainerLogs> OpenLogs { get; init; } = TrainerLogs.Prepare;
}
