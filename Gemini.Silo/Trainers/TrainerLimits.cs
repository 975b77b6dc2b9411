using Gemini.Grains.Hosts;

namespace Gemini.Silo.Trainers;

/// <summary>
/// How long a host waits for its trainers, and what it does when one does not come up. Section "advanced.trainer" of the configuration file.
/// Every time is above 0.
/// </summary>
public record TrainerLimits
{
    /// <summary>Memory that must be available on the machine when a spare is started. Default: 1 GiB, three times what one takes.</summary>
    public long SpareHeadroomBytes { get; init; } = 1L << 30;

    /// <summary>How long a trainer of an earlier silo may take to say hello before it is killed. Default: 10 s; it tries every 100 ms.</summary>
    public TimeSpan AdoptionLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a started trainer may take to say hello before it is killed. Default: 120 s: a cold disk is slow.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long a process may live on after its connection has ended, or after it was told to exit. Default: 2 s.</summary>
    public TimeSpan ExitGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the silo waits for the operating system to start a process, its folders and logs included, before it reports
    /// that the start hangs. Default: 10 s.
    /// </summary>
    public TimeSpan LaunchLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a trainer may take to answer a stop before it is killed. Default: 5 s. It answers from its socket thread, which
    /// waits for one chunk of a capture at most; the rest is for a machine whose cores are all busy.
    /// </summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a killed process may take to be gone before it counts as one that cannot be killed. Default: 5 s.</summary>
    public TimeSpan KillLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>When a trainer counts as broken, and the pauses between its starts.</summary>
    public RestartOptions Restart { get; init; } = new();
}
