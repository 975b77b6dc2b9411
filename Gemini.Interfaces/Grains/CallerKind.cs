namespace Gemini.Interfaces.Grains;

/// <summary>Who calls a grain, as far as the caller has proved it. Each kind may also call everything that the kinds before it may call.</summary>
public enum CallerKind
{
    /// <summary>Anyone who reaches a gateway, such as <c>gemini status</c>.</summary>
    Anyone,

    /// <summary>A trainer of the job: it knows the job's secret.</summary>
    Trainer,

    /// <summary>A silo of the job.</summary>
    Silo,
}
