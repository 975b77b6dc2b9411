namespace Gemini.Interfaces.Model;

/// <summary>Where the job stands.</summary>
[GenerateSerializer, Alias("gemini.JobPhase")]
public enum JobPhase
{
    /// <summary>The root agent waits for the hosts to report.</summary>
    Forming,

    /// <summary>All hosts stop the step and say what they hold.</summary>
    Halting,

    /// <summary>Waiting for a machine to take a lost host's position.</summary>
    Replacing,

    /// <summary>Copies are fetched and verified; trainers come up.</summary>
    Preparing,

    /// <summary>Trainers load and run their first iteration of the epoch.</summary>
    Resuming,

    /// <summary>Training.</summary>
    Running,

    /// <summary>The last iteration is finished, and its snapshot is being brought to persistent storage.</summary>
    Persisting,

    /// <summary>The last iteration is finished, and its snapshot is committed and, in a job with storage, persisted.</summary>
    Completed,

    /// <summary>The job cannot go on by itself; the status says why and what is missing. Nothing is thrown away.</summary>
    Failed,
}
