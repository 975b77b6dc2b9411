namespace Gemini.Interfaces.Model;

/// <summary>The steps of an epoch, in the order in which every host takes them.</summary>
[GenerateSerializer, Alias("gemini.DirectiveStep")]
public enum DirectiveStep
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Stop training: host memory refuses earlier epochs, the trainers are interrupted, and the host reports what is sealed.</summary>
    Halt,

    /// <summary>Make the segments; fetch and verify the copies to load.</summary>
    Prepare,

    /// <summary>Let the trainers load and continue.</summary>
    Run,

    /// <summary>The job is finished: trainers exit, and the host starts none until a new epoch begins. The segments stay.</summary>
    Complete,
}
