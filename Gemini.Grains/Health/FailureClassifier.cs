using Gemini.Interfaces.Model;

namespace Gemini.Grains.Health;

/// <summary>Tells a software failure from a hardware failure (paper §6.1), and both from a silo that is merely away. Pure.</summary>
/// <remarks>
/// A host is failed at once when two independent witnesses agree: the cluster says its silo is dead, and either another trainer's
/// connection to one of its ranks broke, or its trainers, asked themselves, do not answer. So it does not matter whether a host died,
/// froze or was cut off. One witness alone is not enough: a silo that dies alone leaves its trainers
/// training, and a trainer that dies alone leaves its silo there to say so. A trainer's own word about its peer counts in
/// whatever epoch it says it is: its host has stopped the earlier ones, and it may have lost the peer before it had loaded.
/// <para>A trainer that dies after the others were told where they reach it is failed even if it had loaded nothing yet: they wait for that
/// process, and another one in its place would load and wait for them.</para>
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
            : (HealthVerdict.Exposed, $"{host.Host}: its silo is gone, its trainers go on; nothing is committed until it is back");
    }

    private static string? EvaluateTrainer(in HostObservation host, TrainerReport trainer, HealthOptions options) => trainer.State switch
    {
        TrainerState.Exited => $"trainer {trainer.LocalIndex} exited",
        TrainerState.Starting => $"trainer {trainer.LocalIndex} exited and was started again",
        TrainerState.Waiting when host.Running => $"trainer {trainer.LocalIndex} exited and was started again",
        TrainerState.Interrupted when host.InterruptedForMilliseconds > options.LostPeerGrace.TotalMilliseconds
            => $"trainer {trainer.LocalIndex} lost its connection to rank {trainer.LostPeer}, and nobody else says why",
        _ when IsAnother(host, trainer) => $"trainer {trainer.LocalIndex} was started again when its peers had been told of the one before",
        _ => null,
    };

    /// <summary>Whether it is not the process that its peers wait for. One that its host has yet to hear of says nothing.</summary>
    private static bool IsAnother(in HostObservation host, TrainerReport trainer)
    {
        if (host.RingEndpoints.IsEmpty || trainer.RingEndpoint.Length == 0) return false;
        var told = host.RingEndpoints[host.FirstRank + trainer.LocalIndex];
        return told.Length > 0 && told != trainer.RingEndpoint;
    }
}
