namespace Gemini.Grains.Machines;

/// <summary>When machines are asked for, and how often again.</summary>
public sealed class MachineOptions
{
    /// <summary>
    /// How long a missing host may come back by itself before it is asked for. A host that is started again where it was
    /// (systemd, a kubelet) has its memory still; a new machine has none. A standby takes a lost host's place without waiting for
    /// this. Range: 0 or more; 0 for an operator that starts hosts where they were. Default: 5 s.
    /// </summary>
    public TimeSpan ReturnGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause after the first attempt that failed; doubled after each further one. Range: above 0. Default: 5 s.</summary>
    public TimeSpan PauseMinimum { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The longest pause. Range: from <see cref="PauseMinimum"/>. Default: 5 minutes, which is at worst how long a new quota goes unnoticed.
    /// </summary>
    public TimeSpan PauseMaximum { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long an attempt may take. Range: above 0. Default: 10 minutes; clouds take 4 to 7 for a machine (paper §6.2), and an
    /// attempt that is given up too soon begins again from nothing.
    /// </summary>
    public TimeSpan AttemptLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a machine that is up may take to join before it counts as lost too. Range: above 0. Default: 2 minutes.</summary>
    public TimeSpan JoinLimit { get; set; } = TimeSpan.FromMinutes(2);
}
