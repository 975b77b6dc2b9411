namespace Gemini.Interfaces.Wire;

/// <summary>
/// Environment variables with which a silo starts its trainers. They do not contain the rank: a trainer learns its rank from the silo, because the
/// rank belongs to the host's position, and the position can change while the process lives.
/// </summary>
public static class TrainerEnvironment
{
    /// <summary>Path of the unix socket on which the silo accepts its trainers.</summary>
    public const string Socket = "GEMINI_SOCKET";

    /// <summary>Path of the file that the trainer keeps locked while it lives.</summary>
    public const string LockFile = "GEMINI_LOCK_FILE";

    /// <summary>Path of the file in which the trainer says when it uses the training network (<c>NETWORK.md</c>).</summary>
    public const string NetworkPage = "GEMINI_NETWORK_PAGE";

    /// <summary>Which of the host's trainers this is: 0 to R-1.</summary>
    public const string LocalIndex = "GEMINI_LOCAL_INDEX";

    /// <summary>"address:port" of the silo's Orleans gateway.</summary>
    public const string Gateway = "GEMINI_GATEWAY";

    public const string ClusterId = "GEMINI_CLUSTER_ID";

    public const string ServiceId = "GEMINI_SERVICE_ID";

    /// <summary>Name of the host, the key of its worker agent.</summary>
    public const string Host = "GEMINI_HOST";

    public const string Job = "GEMINI_JOB";

    /// <summary>
    /// A hash of the program and its arguments. A later silo that is configured to start a different program makes this trainer exit. Not set if
    /// hosts need not agree on the program.
    /// </summary>
    public const string Program = "GEMINI_PROGRAM";

    /// <summary>Path of the job secret; empty when the job has none.</summary>
    public const string SecretFile = "GEMINI_SECRET_FILE";

    /// <summary>The host's address on the training network, on which the ring listener binds.</summary>
    public const string RingAddress = "GEMINI_RING_ADDRESS";

    /// <summary>"20000-20031": the ports at which the trainer may listen. Not set: any free port.</summary>
    public const string Ports = "GEMINI_PORTS";

    /// <summary>Path of the unix socket of the drill that this host belongs to. Not set without a drill.</summary>
    public const string DrillSocket = "GEMINI_DRILL_SOCKET";

    /// <summary>
    /// "1": the trainer checks that its state does not change while it is copied. Set by the user; a silo passes its own environment on to its
    /// trainers.
    /// </summary>
    public const string Check = "GEMINI_CHECK";

    /// <summary>
    /// The number of this spare, above 0. Not set for a trainer. A spare prepares itself, and waits without the lock until it must replace the
    /// trainer (<see cref="TrainerSpare"/>).
    /// </summary>
    public const string Spare = "GEMINI_SPARE";
}
