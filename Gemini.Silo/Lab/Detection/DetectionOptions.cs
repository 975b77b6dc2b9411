using System.Collections.Immutable;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Detection;

/// <summary>What <c>gemini drill detect</c> and <c>gemini drill calm</c> were asked to do.</summary>
internal sealed record DetectionOptions
{
    /// <summary>Hosts that train. At least 3: with only two, each would have to judge the other alone. Default: 4.</summary>
    public int Hosts { get; init; } = 4;

    public string Model { get; init; } = "gpt2-nano";

    /// <summary>
    /// An iteration takes at least this long; zero: full speed. Here all hosts share this machine's cores, unlike the hosts of a cluster. So at full
    /// speed the drill would also measure how long a dead process waits for a core to release its memory and its sockets. Default: 100.
    /// </summary>
    public int PaceMilliseconds { get; init; } = 100;

    public TimingProfile Profile { get; init; } = TimingProfile.Default;

    /// <summary>How often each fault is made. At least 1. Default: 5.</summary>
    public int Repetitions { get; init; } = 5;

    public ImmutableArray<Fault> Faults { get; init; } = Detection.Faults.All;

    /// <summary>How long a calm drill lasts. Default: 20 minutes.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>Where to write the report; null: nowhere.</summary>
    public string? Report { get; init; }

    /// <summary>Where to keep the logs; null: they are kept only of a drill that failed.</summary>
    public string? Logs { get; init; }
}
