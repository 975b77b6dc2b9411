namespace Gemini.Interfaces.Model;

/// <summary>Why a host may leave.</summary>
[GenerateSerializer, Alias("gemini.LeaveCause")]
public enum LeaveCause
{
    /// <summary>The host was told to stop, and nothing has to be done first: the job continues without it, or has nothing to save.</summary>
    Released,

    /// <summary>Every host was told to stop, and the newest committed snapshot is in persistent storage.</summary>
    Saved,

    /// <summary>Every host was told to stop, and the newest committed snapshot cannot be written to persistent storage.</summary>
    NotSaved,

    /// <summary>The job is finished, and every present host knows it.</summary>
    Completed,

    /// <summary>The job has been in the phase Failed for so long that it will not continue by itself.</summary>
    Failed,
}
