using Gemini.Interfaces.Grains;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>A trainer's way to its host's worker agent. <see cref="SiloCalls"/> repeats the calls that do not get through.</summary>
internal interface ISiloClient : IAsyncDisposable
{
    /// <summary>Connects and makes trial calls, so that the calls of the first recovery are fast. Changes nothing in the job.</summary>
    Task WarmUpAsync();

    /// <summary>The worker agent. Waits for the first connection to the silo; whether the silo still lives, only a call shows.</summary>
    Task<ITrainerService> AgentAsync();
}
