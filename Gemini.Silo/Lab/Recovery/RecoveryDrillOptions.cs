using System.Collections.Immutable;
using Gemini.Interfaces.Presets;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Recovery;

/// <summary>What <c>gemini drill recovery</c> was asked to do.</summary>
internal sealed record RecoveryDrillOptions
{
    /// <summary>Failures of each kind. 1 to 40, so that the job's record keeps the time line of each. Default: 10.</summary>
    public int Repeat { get; init; } = 10;

    /// <summary>N: hosts that train. 2 to 64. Default: 4.</summary>
    public int Hosts { get; init; } = 4;

    /// <summary>One of <see cref="ModelPresets"/>.</summary>
    public string Model { get; init; } = ModelPresets.DefaultName;

    /// <summary>Warm spare processes of every trainer. Default: 1.</summary>
    public int Spares { get; init; } = 1;

    /// <summary>The least time of an iteration in milliseconds; 0: full speed. Default: 0.</summary>
    public int PaceMilliseconds { get; init; }

    /// <summary>The trainer's program; null: the one that was built with this one.</summary>
    public string? Trainer { get; init; }

    /// <summary>Further arguments, for a trainer of one's own.</summary>
    public ImmutableArray<string> MoreArguments { get; init; } = [];

    /// <summary>Whether an uninterrupted run follows, to compare the final state with.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Where to write what was measured as JSON; null: nowhere.</summary>
    public string? Report { get; init; }

    /// <summary>Where to keep the logs; null: they are removed after a drill that went well.</summary>
    public string? Logs { get; init; }

    /// <summary>The cluster: one standby, two replicas, and more iterations than a drill can run.</summary>
    public DemoOptions ToDemo() => new()
    {
        Hosts = Hosts,
        Model = Model,
        Spares = Spares,
        PaceMilliseconds = PaceMilliseconds,
        Trainer = Trainer,
        MoreArguments = MoreArguments,
        Iterations = long.MaxValue / 2,
        Verify = Verify,
        Report = Report,
        Logs = Logs,
    };
}
