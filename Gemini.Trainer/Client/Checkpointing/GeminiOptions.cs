using System.Globalization;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>How a trainer reaches its silo, what it says about itself, and how long it waits for what.</summary>
public sealed record GeminiOptions
{
    private readonly Action<string> _log = Guarded(line => Console.Error.WriteLine($"gemini: {line}"));

    /// <summary>Path of the silo's trainer socket.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Path of the file that this process locks for as long as it lives.</summary>
    public required string LockPath { get; init; }

    /// <summary>Which of the host's trainers this is: 0 to R-1.</summary>
    public required int LocalIndex { get; init; }

    /// <summary>Name of the host.</summary>
    public required string Host { get; init; }

    /// <summary>"address:port" of the silo's gateway.</summary>
    public required string Gateway { get; init; }

    /// <summary>Orleans cluster id.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Orleans service id.</summary>
    public required string ServiceId { get; init; }

    /// <summary>Path of the job secret; empty when the job has none.</summary>
    public string SecretFile { get; init; } = "";

    /// <summary>The host's address on the training network: where a ring listener binds. Default: loopback.</summary>
    public string RingAddress { get; init; } = "127.0.0.1";

    /// <summary>The ports at which this trainer may listen, for its ring and for the question whether it lives. Default: any.</summary>
    public PortRange Ports { get; init; }

    /// <summary>"address:port" at which this trainer's peers reach it; empty for a trainer without collectives. Set by the user.</summary>
    public string RingEndpoint { get; init; } = "";

    /// <summary>
    /// Whether the training loop waits for other ranks at this moment; asked from another thread. It tells a rank that hangs from those that
    /// wait for it. Default: null, nobody knows. Set by the user.
    /// </summary>
    public Func<bool>? IsWaitingForPeers { get; init; }

    /// <summary>What is trained, for people ("gpt2-tiny, 3.3 M parameters"). Set by the user.</summary>
    public string Description { get; init; } = "";

    /// <summary>Parameters of the whole model; 0: unknown. Set by the user.</summary>
    public long ParameterCount { get; init; }

    /// <summary>Iterations that will be run; 0: open-ended. Set by the user.</summary>
    public long TotalIterations { get; init; }

    /// <summary>
    /// The longest that the capture wait lasts for want of a slot, when the snapshot before is not committed yet. Default: 2 s. Longer means
    /// fewer skipped saves and a longer stall when replication is stuck; it is waited once per stuck replication.
    /// </summary>
    public TimeSpan SlotWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest that the capture wait lasts for a running capture, which is then cancelled. Default: 30 s.</summary>
    public TimeSpan CaptureWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest that <see cref="GeminiSession.CompleteAsync"/> waits for the last save's commit. Default: 60 s.</summary>
    public TimeSpan CompletionWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Pause between two attempts to reach a silo. Default: 100 ms.</summary>
    public TimeSpan ReconnectInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long the trainer lives without a silo before it exits. Default: 60 s. Longer than a silo's restart or upgrade
    /// takes; shorter means that a host whose silo never returns frees its accelerators sooner.
    /// </summary>
    public TimeSpan SiloAbsenceLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest that one call to the silo waits for its answer. Default: 5 s, above the two seconds of its long polls.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the training loop may take to leave after the session ended before the process is ended for it.
    /// Default: 10 s.
    /// </summary>
    public TimeSpan ExitGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether every save is checked: tensors that captures read in place are hashed at <see cref="GeminiSession.Save"/> and again at
    /// <see cref="GeminiSession.WaitForCaptureAsync"/>, which throws and names what has changed between. For trials and tests: it reads the
    /// state twice in every iteration. Default: false; the environment variable GEMINI_CHECK=1 sets it.
    /// </summary>
    public bool Check { get; init; }

    /// <summary>Further configuration of the Orleans client, such as authentication. Default: none.</summary>
    public Action<IClientBuilder>? ConfigureClient { get; init; }

    /// <summary>
    /// Where messages for the operator go: one line per change. Default: standard error. What it throws is ignored: a line that
    /// cannot be written, as on a full disk, must not end training.
    /// </summary>
    public Action<string> Log
    {
        get => _log;
        init => _log = Guarded(value);
    }

    /// <summary>What no user sets: the start of this process, and drills.</summary>
    internal LaunchOptions Launch { get; init; } = new();

    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Ends the process when the training loop does not leave by itself.</summary>
    internal Action<int> ExitProcess { get; init; } = Environment.Exit;

    /// <summary>The options of a trainer that a silo started; null in a process that was started otherwise, which trains without checkpoints.</summary>
    /// <exception cref="InvalidDataException">Some of the variables that a silo sets are there, and one is missing.</exception>
    public static GeminiOptions? TryFromEnvironment() =>
        Environment.GetEnvironmentVariable(TrainerEnvironment.Socket) is { Length: > 0 } ? FromEnvironment() : null;

    /// <summary>Reads the variables of <see cref="TrainerEnvironment"/>, which the silo sets for the trainers it starts.</summary>
    /// <exception cref="InvalidDataException">A variable is missing: the process was not started by a silo.</exception>
    public static GeminiOptions FromEnvironment() => new()
    {
        SocketPath = Required(TrainerEnvironment.Socket),
        LockPath = Required(TrainerEnvironment.LockFile),
        LocalIndex = int.Parse(Required(TrainerEnvironment.LocalIndex), NumberStyles.None, CultureInfo.InvariantCulture),
        Host = Required(TrainerEnvironment.Host),
        Gateway = Required(TrainerEnvironment.Gateway),
        ClusterId = Required(TrainerEnvironment.ClusterId),
        ServiceId = Required(TrainerEnvironment.ServiceId),
        SecretFile = Environment.GetEnvironmentVariable(TrainerEnvironment.SecretFile) ?? "",
        RingAddress = Environment.GetEnvironmentVariable(TrainerEnvironment.RingAddress) is { Length: > 0 } address ? address : "127.0.0.1",
        Ports = PortRange.TryParse(Environment.GetEnvironmentVariable(TrainerEnvironment.Ports) ?? "", out var ports)
            ? ports
            : throw new InvalidDataException($"{TrainerEnvironment.Ports} is no range of ports such as 20000-20031."),
        Check = Environment.GetEnvironmentVariable(TrainerEnvironment.Check) == "1",
        Launch = LaunchOptions.FromEnvironment(),
    };

    private static Action<string> Guarded(Action<string> log) => line =>
    {
        try
        {
            log(line);
        }
        catch (Exception)
        {
            // The one place where a failure could be told is the one that failed.
        }
    };

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new InvalidDataException(
                $"{variable} is not set. A silo sets it for the trainers that it starts: name this program in trainer.command of a host's " +
                "configuration. A program that also runs alone asks GeminiOptions.TryFromEnvironment.");
}
