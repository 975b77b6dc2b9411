using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>Tells a software failure from a hardware failure (paper §6.1), and both from a host whose silo is away. Pure.</summary>
/// <remarks>
/// A host has failed at once if two independent witnesses agree. The first witness is the cluster: it declares the silo dead. The second is either
/// another trainer, whose connection to one of the host's ranks broke, or the host's own trainers, which do not answer probes. So it does not matter
/// whether a host died, froze or was cut off. One witness is not enough: if only the silo dies, the trainers continue to train, and if only a trainer
/// dies, the silo reports it. A trainer's report about a lost peer counts whatever epoch the trainer is in: its host has stopped all earlier epochs,
/// and the trainer may have lost the peer before it had loaded.
/// <para>If a trainer dies after its peers were told its ring endpoint, it has failed even if it had loaded nothing yet. Its peers wait for that
/// process, and a new process in its place would load and wait for them.</para>
/// </remarks>
public static class FailureClassifier
{
    public static (HealthVerdict Verdict, string Reason) Evaluate(
        in HostObservation host, HealthOptions options)
    {
        if (host.SiloLostForMilliseconds is { } lostFor) return EvaluateLostSilo(host, lostFor, options);
        if (!host.Running && !host.Resumes) return (HealthVerdict.Healthy, "");
        foreach (var trainer in host.Trainers)
        {
            if (EvaluateTrainer(host, trainer, options) is { } reason)
                return (HealthVerdict.TrainerFailed, $"{host.Host}: {reason}");
        }

        return (HealthVerdict.Healthy, "");
    }

    private static (HealthVerdict Verdict, string Reason) EvaluateLostSilo(in HostObservation host, long lostFor, HealthOptions options)
    {
        if (host.PeersLostIt) return (HealthVerdict.HostFailed, $"{host.Host}: its silo is dead and peers lost its trainers");
        if (host.TrainersAnswer == false) return (HealthVerdict.HostFailed, $"{host.Host}: its silo is dead and its trainers do not answer");
        return lostFor > options.SiloGrace.TotalMilliseconds
            ? (HealthVerdict.HostFailed, $"{host.Host}: its silo has been gone for {lostFor} ms, longer than {options.SiloGrace.TotalSeconds:0.#} s")
            : (HealthVerdict.SiloAway, $"{host.Host}: its silo is away, its trainers train on; nothing is committed until it is back");
    }

    private static string? EvaluateTrainer(in HostObservation host, TrainerReport trainer, HealthOptions options) => trainer.State switch
    {
        TrainerState.Exited => $"trainer {trainer.LocalIndex} exited",
        TrainerState.Starting => $"trainer {trainer.LocalIndex} exited and was started again",
        TrainerState.Waiting when host.Running => $"trainer {trainer.LocalIndex} exited and was started again",
        TrainerState.Interrupted when host.InterruptedForMilliseconds > options.LostPeerGrace.TotalMilliseconds
            => $"trainer {trainer.LocalIndex} lost its connection to rank {trainer.LostPeer}, and no other report explains why",
        _ when IsAnother(host, trainer) => $"trainer {trainer.LocalIndex} was started again after its peers had been told the address of the process before",
        _ => null,
    };

    /// <summary>
    /// Whether the trainer is another process than the one that its peers wait for. False while its host does not know its ring endpoint yet.
    /// </summary>
    private static bool IsAnother(in HostObservation host, TrainerReport trainer)
    {
        if (host.RingEndpoints.IsEmpty || trainer.RingEndpoint.Length == 0) return false;
        var told = host.RingEndpoints[host.FirstRank + trainer.LocalIndex];
        return told.Length > 0 && told != trainer.RingEndpoint;
    }
}
