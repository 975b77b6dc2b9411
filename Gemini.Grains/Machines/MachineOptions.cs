namespace Gemini.Grains.Machines;

/// <summary>When machines are asked for, and how often again.</summary>
public sealed class MachineOptions
{
    /// <summary>
    /// How long to wait for a missing host to come back by itself, before a machine is asked for. If systemd or a kubelet starts a host again on its
    /// machine, the host still has its memory; a new machine has none. A standby takes a lost host's place without this wait. Range: 0 or more; 0 for
    /// an operator that starts hosts on the machine where they were. Default: 5 s.
    /// </summary>
    public TimeSpan ReturnGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause after the first failed attempt; it doubles after each further one. Range: above 0. Default: 5 s.</summary>
    public TimeSpan PauseMinimum { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The longest pause. Range: at least <see cref="PauseMinimum"/>. Default: 5 minutes: a raised quota goes unnoticed for at most that long.
    /// </summary>
    public TimeSpan PauseMaximum { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long an attempt may take. Range: above 0. Default: 10 minutes. A cloud takes 4 to 7 minutes for a machine (paper §6.2), and an attempt
    /// that is cancelled too soon starts again from the beginning.
    /// </summary>
    public TimeSpan AttemptLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a machine that is up may take to join before it counts as lost too. Range: above 0. Default: 2 minutes.</summary>
    public TimeSpan JoinLimit { get; set; } = TimeSpan.FromMinutes(2);
}
