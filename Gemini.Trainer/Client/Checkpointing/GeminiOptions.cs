using System.Globalization;
using System.Net;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>How a trainer reaches its silo, what it tells about itself, and how long it waits.</summary>
public sealed record GeminiOptions
{
    private readonly Action<string> _log = Guarded(line => Console.Error.WriteLine($"gemini: {line}"));

    /// <summary>Path of the silo's trainer socket.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Path of the file that this process keeps locked while it lives.</summary>
    public required string LockPath { get; init; }

    /// <summary>
    /// Path of the file in which this process says when it uses the training network; empty: it does not say so, and checkpoint traffic cannot avoid
    /// these times.
    /// </summary>
    public string NetworkPagePath { get; init; } = "";

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

    /// <summary>Path of the job secret; empty if the job has none.</summary>
    public string SecretFile { get; init; } = "";

    /// <summary>The host's address on the training network, to which a ring listener binds. Default: loopback.</summary>
    public string RingAddress { get; init; } = "127.0.0.1";

    /// <summary>The ports at which this trainer may listen, for its ring and for liveness questions. Default: any.</summary>
    public PortRange Ports { get; init; }

    /// <summary>"address:port" at which this trainer's peers reach it; empty for a trainer without collectives. Set by the user.</summary>
    public string RingEndpoint { get; init => field = value ?? ""; } = "";

    /// <summary>
    /// Returns whether the training loop is waiting for other ranks at this moment. Called from another thread. It distinguishes a rank that hangs
    /// from the ranks that wait for it. Default: null, not known. Set by the user.
    /// </summary>
    public Func<bool>? IsWaitingForPeers { get; init; }

    /// <summary>What is trained, for people ("gpt2-tiny, 3.3 M parameters"). Set by the user.</summary>
    public string Description { get; init => field = value ?? ""; } = "";

    /// <summary>Parameters of the whole model; 0: unknown. Set by the user.</summary>
    public long ParameterCount { get; init; }

    /// <summary>Iterations that will be run; 0: open-ended. Set by the user.</summary>
    public long TotalIterations { get; init; }

    /// <summary>
    /// The longest that the capture wait lasts if no slot is free because the snapshot before is not committed yet. Default: 2 s. A longer time means
    /// fewer skipped saves, but a longer stall if replication is stuck. Training waits this long only once until a slot becomes free again.
    /// </summary>
    public TimeSpan SlotWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the capture wait lasts for a running capture, at least. Then the capture is cancelled. It lasts longer for a large state: by the time
    /// that its bytes take at a fourth of the rate of earlier captures, or at 100 MB/s before the first. Default: 30 s.
    /// </summary>
    public TimeSpan CaptureWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest capture wait, however large the state is. Default: 10 min.</summary>
    public TimeSpan CaptureWaitMaximum { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long <see cref="GeminiSession.CompleteAsync"/> waits for the last save's commit, at least. It waits longer for a large state: by the time
    /// that its bytes take at a fourth of the rate of earlier commits, or at 100 MB/s before the first. Default: 60 s.
    /// </summary>
    public TimeSpan CompletionWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest wait for the last save's commit, however large the state is. Default: 30 min.</summary>
    public TimeSpan CompletionWaitMaximum { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Pause between two attempts to reach a silo. Default: 100 ms.</summary>
    public TimeSpan ReconnectInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long the trainer runs without a silo before it exits. Default: 60 s. Choose a longer time than a restart or upgrade of a silo takes. With
    /// a shorter time, a host whose silo never returns frees its accelerators sooner.
    /// </summary>
    public TimeSpan SiloAbsenceLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The longest that one call to the silo waits for its answer. Default: 5 s, more than the two seconds that the silo holds a question open.
    /// </summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the training loop may take to leave after the session has ended. Then the session ends the process. Default: 10 s.</summary>
    public TimeSpan ExitGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether every save is checked: tensors that captures read in place are hashed at <see cref="GeminiSession.Save"/> and again at
    /// <see cref="GeminiSession.WaitForCaptureAsync"/>, which throws and names the tensors that changed in between. For trials and tests, because it
    /// reads the state twice in every iteration. Default: false; the environment variable GEMINI_CHECK=1 sets it.
    /// </summary>
    public bool Check { get; init; }

    /// <summary>Further configuration of the Orleans client, such as authentication. Default: none.</summary>
    public Action<IClientBuilder>? ConfigureClient { get; init; }

    /// <summary>
    /// Receives messages for the operator, one line per change. Default: standard error. Exceptions from this action are ignored: a line that cannot
    /// be written, for example on a full disk, must not end training.
    /// </summary>
    public Action<string> Log
    {
        get => _log;
        init => _log = Guarded(value);
    }

    /// <summary>Settings that users do not set: how this process was started, and drills.</summary>
    internal LaunchOptions Launch { get; init; } = new();

    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Ends the process if the training loop does not leave by itself.</summary>
    internal Action<int> ExitProcess { get; init; } = Environment.Exit;

    /// <summary>The options of a trainer that a silo started. Null if this process was started in another way; then it trains without checkpoints.</summary>
    /// <exception cref="InvalidDataException">
    /// The socket variable is set, but another required variable is missing, or a variable has a value that it cannot have. The message names it.
    /// </exception>
    public static GeminiOptions? TryFromEnvironment() =>
        Environment.GetEnvironmentVariable(TrainerEnvironment.Socket) is { Length: > 0 } ? FromEnvironment() : null;

    /// <summary>Reads the variables of <see cref="TrainerEnvironment"/>, which the silo sets for the trainers it starts.</summary>
    /// <exception cref="InvalidDataException">
    /// A required variable is missing, because no silo started the process, or a variable has a value that it cannot have. The message names it.
    /// </exception>
    public static GeminiOptions FromEnvironment() => new()
    {
        SocketPath = Required(TrainerEnvironment.Socket),
        LockPath = Required(TrainerEnvironment.LockFile),
        NetworkPagePath = Environment.GetEnvironmentVariable(TrainerEnvironment.NetworkPage) ?? "",
        LocalIndex = Number(TrainerEnvironment.LocalIndex, Required(TrainerEnvironment.LocalIndex)),
        Host = Required(TrainerEnvironment.Host),
        Gateway = Required(TrainerEnvironment.Gateway) is var gateway && IPEndPoint.TryParse(gateway, out var end) && end.Port > 0
            ? gateway
            : throw new InvalidDataException($"{TrainerEnvironment.Gateway} is not an address and a port such as 10.0.0.1:30000."),
        ClusterId = Required(TrainerEnvironment.ClusterId),
        ServiceId = Required(TrainerEnvironment.ServiceId),
        SecretFile = Environment.GetEnvironmentVariable(TrainerEnvironment.SecretFile) ?? "",
        RingAddress = Address(TrainerEnvironment.RingAddress, ifNotSet: "127.0.0.1"),
        Ports = PortRange.TryParse(Environment.GetEnvironmentVariable(TrainerEnvironment.Ports) ?? "", out var ports)
            ? ports
            : throw new InvalidDataException($"{TrainerEnvironment.Ports} is not a range of ports such as 20000-20031."),
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
            // A failure could only be reported to the log, and the log has failed.
        }
    };

    /// <summary>A variable's value as a number from 0.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static int Number(string variable, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"{variable} is not a number from 0 to {int.MaxValue}.");

    private static string Address(string variable, string ifNotSet)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } address) return ifNotSet;
        return IPAddress.TryParse(address, out _) ? address : throw new InvalidDataException($"{variable} is not an IP address such as 10.0.0.1.");
    }

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new InvalidDataException(
                $"{variable} is not set. A silo sets it for the trainers that it starts: name this program in trainer.command of a host's " +
                "configuration. A program that can also run without a silo calls GeminiOptions.TryFromEnvironment.");
}
