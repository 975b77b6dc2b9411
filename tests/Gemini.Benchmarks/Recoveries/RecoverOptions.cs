using Gemini.Interfaces.Presets;

namespace Gemini.Benchmarks.Recoveries;

/// <summary>What <c>recover</c> was asked to do.</summary>
internal sealed record RecoverOptions
{
    /// <summary>N: hosts that train; one standby beside them. At least 2.</summary>
    public int Hosts { get; init; } = 4;

    public string Model { get; init; } = ModelPresets.DefaultName;

    /// <summary>Failures of each kind.</summary>
    public int Repetitions { get; init; } = 10;

    /// <summary>Hosts of the jobs that only have a state. At least 2.</summary>
    public int StateHosts { get; init; } = 2;

    /// <summary>Size of a host's large state in MiB; 0: the large state is not measured.</summary>
    public int StateMebibytes { get; init; } = 1024;

    /// <summary>An iteration of the jobs that only have a state takes this long, so that its checkpoint is complete before the next one.</summary>
    public int StatePaceMilliseconds { get; init; } = 4000;

    /// <summary>Failures of each kind and each size of state.</summary>
    public int StateRepetitions { get; init; } = 3;

    /// <summary>Where to keep the hosts' logs; null: nowhere.</summary>
    public string? Logs { get; init; }

    /// <summary>Where to write the figures as JSON; null: nowhere.</summary>
    public string? Json { get; init; }
}
