using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>A time in which the trainer uses the training network (<see cref="GeminiSession.NetworkBusy"/>). Dispose it exactly once.</summary>
public readonly struct NetworkBusyScope : IDisposable
{
    private readonly NetworkUse _use;

    internal NetworkBusyScope(NetworkUse use)
    {
        _use = use;
        use.Begin();
    }

    public void Dispose() => _use.End();
}
