using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Chaos;

/// <summary>One blow of a soak.</summary>
/// <param name="Kind">What dies.</param>
/// <param name="Hosts">Of how many hosts.</param>
/// <param name="Waits">Whether everything is well before it; else it may hit in the middle of a recovery.</param>
/// <param name="Delay">Then it still waits so long.</param>
internal readonly record struct ChaosStrike(KillTarget Kind, int Hosts, bool Waits, TimeSpan Delay)
{
    /// <summary>
    /// Trainers and hosts most often; a pair of hosts in one of seven; one blow of three without a wait, within a recovery's length of
    /// the blow before.
    /// </summary>
    public static ChaosStrike Next(Random random)
    {
        var (kind, hosts) = random.Next(100) switch
        {
            < 40 => (KillTarget.Trainer, 1),
            < 55 => (KillTarget.Silo, 1),
            < 85 => (KillTarget.Host, 1),
            _ => (KillTarget.Host, 2),
        };
        var waits = random.Next(3) > 0;
        return new ChaosStrike(kind, hosts, waits, TimeSpan.FromMilliseconds(random.Next(waits ? 300 : 2000)));
    }

    public override string ToString() => Hosts > 1 ? "pair" : Kind.ToString().ToLowerInvariant();
}
