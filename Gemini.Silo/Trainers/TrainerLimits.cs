using Gemini.Grains.Hosts;

namespace Gemini.Silo.Trainers;

/// <summary>
/// How long a host waits for its trainers, and what it does if one does not start. Section "advanced.trainer" of the configuration file. Every time
/// is above 0.
/// </summary>
public record TrainerLimits
{
    /// <summary>Memory that must be available on the machine when a spare is started. Default: 1 GiB, three times the size of a spare.</summary>
    public long SpareHeadroomBytes { get; init; } = 1L << 30;

    /// <summary>
    /// How long a trainer of an earlier silo, or a spare that was told to take over, may take to say hello before it is killed. Default: 10 s; a
    /// trainer tries every 100 ms.
    /// </summary>
    public TimeSpan AdoptionLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a started trainer may take to say hello before it is killed. Default: 120 s: a cold disk is slow.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// How long a process may live after the first sign of its death, such as the end of its connection. Then it is killed. Default: 2 s.
    /// </summary>
    public TimeSpan ExitGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the start of a process may take, with opening its folders and logs, before the silo reports that the start hangs. Default: 10 s.
    /// </summary>
    public TimeSpan LaunchLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a trainer may take to answer a stop before it is killed. Default: 5 s. It answers from its socket thread, which waits for at most one
    /// chunk of a capture. The rest of the time is for a machine whose cores are all busy.
    /// </summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a killed process may take to be gone. After that, the host reports that it cannot be killed. Default: 5 s.</summary>
    public TimeSpan KillLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>When a trainer counts as broken, and the pauses between its starts.</summary>
    public RestartOptions Restart { get; init; } = new();
}
