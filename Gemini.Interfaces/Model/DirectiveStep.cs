namespace Gemini.Interfaces.Model;

/// <summary>The steps of an epoch, in the order in which every host takes them.</summary>
[GenerateSerializer, Alias("gemini.DirectiveStep")]
public enum DirectiveStep
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Stop the step: fence host memory at the new epoch, interrupt the trainers, report what is sealed.</summary>
    Halt,

    /// <summary>Have the segments, fetch and verify what is to be loaded.</summary>
    Prepare,

    /// <summary>Let the trainers load and go on.</summary>
    Run,

    /// <summary>The job is finished: trainers exit, and none is started until an epoch begins. The segments stay.</summary>
    Complete,
}
