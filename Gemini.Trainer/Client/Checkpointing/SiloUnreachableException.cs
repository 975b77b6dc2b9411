using Gemini.Interfaces.Grains;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>A call did not reach the silo, or its answer did not reach this process. The call is repeated when the silo is back.</summary>
internal sealed class SiloUnreachableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether this exception of a call is from the way to the silo. Every other exception is an answer: the silo refuses the call.</summary>
    public static bool IsMeantBy(Exception error) => error is OrleansException or TimeoutException or HostUnavailableException or OperationCanceledException;
}
