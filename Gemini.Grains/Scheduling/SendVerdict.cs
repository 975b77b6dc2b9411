namespace Gemini.Grains.Scheduling;

/// <summary>Whether a part of a replica may be sent now, and why.</summary>
public enum SendVerdict
{
    /// <summary>Yes: the network is idle, and the part fits into the idle span.</summary>
    Idle,

    /// <summary>Yes: the network is idle, and how long it stays so is not known.</summary>
    Unplanned,

    /// <summary>Yes: training does not use the network, so nobody is slowed down.</summary>
    Still,

    /// <summary>Yes: training uses the network, but idle time is too short for the replica, and so much delay is tolerated.</summary>
    Tolerated,

    /// <summary>Yes: the replica has waited as long as it may. Training can become slower.</summary>
    Overdue,

    /// <summary>No: training uses the network.</summary>
    Busy,

    /// <summary>No: training soon uses the network again.</summary>
    Ending,
}
