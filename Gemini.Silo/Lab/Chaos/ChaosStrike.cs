using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Chaos;

/// <summary>One kill of a soak.</summary>
/// <param name="Kind">What is killed.</param>
/// <param name="Hosts">The number of hosts that are hit.</param>
/// <param name="Waits">Whether the soak first waits until the job is in order; otherwise the kill may hit in the middle of a recovery.</param>
/// <param name="Delay">The delay before the kill, after that wait.</param>
internal readonly record struct ChaosStrike(KillTarget Kind, int Hosts, bool Waits, TimeSpan Delay)
{
    /// <summary>
    /// Trainers in 40 % of all kills, silos in 15 %, hosts in 30 %, pairs of hosts in 15 %. One kill in three does not wait and comes within 2 s,
    /// about the length of a recovery, after the earlier kill.
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
