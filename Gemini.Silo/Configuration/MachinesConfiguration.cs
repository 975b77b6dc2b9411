using Gemini.Grains.Machines;

namespace Gemini.Silo.Configuration;

/// <summary>
/// Whom to ask for a machine when a host is lost: exactly one of <see cref="Process"/>, <see cref="Command"/> and <see cref="Kubernetes"/>. The host
/// that runs the root agent asks, so every host needs this section.
/// </summary>
public sealed record MachinesConfiguration
{
    private static readonly MachineOptions Defaults = new();

    /// <summary>Hosts are processes of this machine.</summary>
    public ProcessMachinesConfiguration? Process { get; init; }

    /// <summary>A program that the user provides brings machines up.</summary>
    public CommandMachinesConfiguration? Command { get; init; }

    /// <summary>Hosts are pods of a StatefulSet.</summary>
    public KubernetesMachinesConfiguration? Kubernetes { get; init; }

    /// <summary>
    /// How long a missing host may take to come back by itself, with its memory, before a machine is requested. Default: 1 s with "process", because
    /// a process starts again on the same machine; 5 s with "command"; 30 s with "kubernetes", because a kubelet restarts containers by itself, and a
    /// deleted pod loses its memory.
    /// </summary>
    public double? AfterSeconds { get; init; }

    /// <summary>The pause after the first failed attempt. Doubled after each further failure. Default: 5.</summary>
    public double PauseSeconds { get; init; } = Defaults.PauseMinimum.TotalSeconds;

    /// <summary>The longest pause. Default: 300.</summary>
    public double LongestPauseSeconds { get; init; } = Defaults.PauseMaximum.TotalSeconds;

    /// <summary>How long an attempt may take before it is abandoned. Default: 600.</summary>
    public double LimitSeconds { get; init; } = Defaults.AttemptLimit.TotalSeconds;

    /// <summary>How long a machine that is up may take to join before it is requested again. Default: 120.</summary>
    public double JoinSeconds { get; init; } = Defaults.JoinLimit.TotalSeconds;

    public MachineOptions ToOptions() => new()
    {
        ReturnGrace = TimeSpan.FromSeconds(AfterSeconds ?? (Process, Command) switch
        {
            (not null, _) => 1,
            (_, not null) => Defaults.ReturnGrace.TotalSeconds,
            _ => 30,
        }),
        PauseMinimum = TimeSpan.FromSeconds(PauseSeconds),
        PauseMaximum = TimeSpan.FromSeconds(LongestPauseSeconds),
        AttemptLimit = TimeSpan.FromSeconds(LimitSeconds),
        JoinLimit = TimeSpan.FromSeconds(JoinSeconds),
    };

    /// <summary>With every path made absolute.</summary>
    internal MachinesConfiguration Resolve(Func<string, string> absolute) => this with
    {
        Process = Process is { } process ? process with { Configurations = absolute(process.Configurations) } : null,
        Command = Command is { Run: [var program, .. var arguments] } command && program.Contains('/')
            ? command with { Run = [absolute(program), .. arguments] }
            : Command,
        Kubernetes = Kubernetes is { Kubeconfig: { } file } kubernetes ? kubernetes with { Kubeconfig = absolute(file) } : Kubernetes,
    };
}
