using Gemini.Interfaces.Model;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>What the rest of the session learns about saves. Called under no lock, from any thread; must not block.</summary>
internal interface ISaveEvents
{
    void CaptureBegun(SnapshotId snapshot);

    void CaptureSealed(SnapshotId snapshot, ContentHash hash);

    /// <summary>No snapshot was taken. Also called, as a reminder, for a pending snapshot whose commit or abandonment may have been missed.</summary>
    void SaveSkipped(SnapshotId snapshot);

    /// <summary><see cref="EpochSaves.Problem"/> has changed.</summary>
    void ProblemChanged();

    /// <summary>A line for the log: saves have begun to fail, or work again.</summary>
    void HealthChanged(string message);
}
