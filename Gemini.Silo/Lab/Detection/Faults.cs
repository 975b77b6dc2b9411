using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Detection;

/// <summary>The faults' names, and what Gemini promises for each.</summary>
internal static class Faults
{
    public static ImmutableArray<Fault> All { get; } = [.. Enum.GetValues<Fault>()];

    /// <summary>"freeze-host" and the like.</summary>
    public static string NameOf(Fault fault) => fault switch
    {
        Fault.KillTrainer => "kill-trainer",
        Fault.KillSilo => "kill-silo",
        Fault.KillHost => "kill-host",
        Fault.FreezeHost => "freeze-host",
        Fault.FreezeRoot => "freeze-root",
        Fault.FreezeSilo => "freeze-silo",
        Fault.FreezeTrainer => "freeze-trainer",
        _ => "cut-cable",
    };

    /// <exception cref="BadInputException">No fault has the name.</exception>
    public static Fault Parse(string name)
    {
        foreach (var fault in All)
        {
            if (NameOf(fault) == name) return fault;
        }

        throw new BadInputException($"--only {name} is unknown; known are: {string.Join(", ", All.Select(NameOf))}.");
    }

    /// <summary>What the fault kills; null: nothing.</summary>
    public static KillTarget? KillOf(Fault fault) => fault switch
    {
        Fault.KillTrainer => KillTarget.Trainer,
        Fault.KillSilo => KillTarget.Silo,
        Fault.KillHost => KillTarget.Host,
        _ => null,
    };

    /// <summary>What the verdict must be; null: no failure, the silo is away.</summary>
    public static FailureKind? VerdictOn(Fault fault) => fault switch
    {
        Fault.KillTrainer or Fault.FreezeTrainer => FailureKind.Software,
        Fault.KillSilo or Fault.FreezeSilo => null,
        _ => FailureKind.Hardware,
    };

    /// <summary>The verdict must come within this time after the fault.</summary>
    public static TimeSpan LimitOf(Fault fault, TimingProfile profile) => fault switch
    {
        Fault.KillTrainer => TimeSpan.FromSeconds(0.1),
        Fault.KillSilo or Fault.KillHost => TimeSpan.FromSeconds(0.2),
        // HealthOptions.StuckFloor, plus the questions that follow it.
        Fault.FreezeTrainer => TimeSpan.FromSeconds(12),
        // The root agent must come up elsewhere first.
        Fault.FreezeRoot => TimeSpan.FromSeconds(profile == TimingProfile.Fast ? 4.5 : 8),
        _ => TimeSpan.FromSeconds(profile == TimingProfile.Fast ? 2.5 : 6),
    };
}
