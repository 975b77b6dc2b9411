namespace Gemini.Interfaces.Model;

/// <summary>The phase that a job is in.</summary>
[GenerateSerializer, Alias("gemini.JobPhase")]
public enum JobPhase
{
    /// <summary>The root agent waits for the hosts to report.</summary>
    Forming,

    /// <summary>All hosts stop training and report what they hold.</summary>
    Halting,

    /// <summary>Waiting for a machine to take a lost host's position.</summary>
    Replacing,

    /// <summary>Hosts fetch and verify copies; trainers start.</summary>
    Preparing,

    /// <summary>Trainers load and run their first iteration of the epoch.</summary>
    Resuming,

    /// <summary>Training.</summary>
    Running,

    /// <summary>The last iteration is finished, and its snapshot is being written to persistent storage.</summary>
    Persisting,

    /// <summary>The last iteration is finished, and its snapshot is committed and, in a job with storage, persisted.</summary>
    Completed,

    /// <summary>The job cannot continue by itself. The status says why, and what is missing. No copy is deleted.</summary>
    Failed,
}
