namespace Gemini.Grains.Hosts;

/// <summary>How a trainer process ended. The values tell whether the next process may do better.</summary>
public enum TrainerEnd
{
    /// <summary>It ended by itself: an exit code, or a signal that a process raises by its own fault, such as an abort.</summary>
    OwnFault,

    /// <summary>It hung, and its supervisor killed it.</summary>
    Hung,

    /// <summary>Somebody else ended it: a person, a scheduler, or the kernel because memory ran out.</summary>
    KilledFromOutside,

    /// <summary>Its supervisor told it to exit.</summary>
    Dismissed,
}
