namespace Gemini.Interfaces.Model;

/// <summary>
/// What a job does with its checkpoints. <see cref="Marked"/> and <see cref="Gemini"/> are for use, all others for comparison with them. What each
/// mode means in detail: <see cref="CheckpointPolicy"/>.
/// </summary>
[GenerateSerializer, Alias("gemini.CheckpointMode")]
public enum CheckpointMode
{
    /// <summary>A checkpoint of every iteration in host memory. Replicas are sent at once, as background traffic.</summary>
    Marked,

    /// <summary>Like <see cref="Marked"/>, but replicas are sent in the idle spans of the training network (paper §5). The default.</summary>
    Gemini,

    /// <summary>Replicas are sent at once, without a mark. Training and checkpoints share the network as two equals.</summary>
    Naive,

    /// <summary>Like <see cref="Gemini"/>, but a replica is sent only when its capture is complete (paper §7.4, Fig. 16: without pipeline).</summary>
    Unpipelined,

    /// <summary>Training waits in every save until the checkpoint is committed (paper §7.4, Fig. 16: blocking).</summary>
    Blocking,

    /// <summary>No checkpoints. After a failure the job begins again.</summary>
    None,

    /// <summary>The paper's baseline that saves to storage at long intervals, every 3 hours there (§7.1). Recovery uses storage only.</summary>
    Strawman,

    /// <summary>The paper's baseline that saves to storage as often as storage takes it (§7.1). Recovery uses storage only.</summary>
    HighFreq,
}
