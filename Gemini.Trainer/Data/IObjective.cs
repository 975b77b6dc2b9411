namespace Gemini.Trainer.Data;

/// <summary>What a model learns to predict, and so how windows of the text become samples.</summary>
/// <remarks>
/// Everything random in a sample is a pure function of seed, window and pass. So a recovered job needs no more than its position in the data to train
/// on the same samples.
/// </remarks>
internal interface IObjective
{
    /// <summary>Tokens of a sample.</summary>
    int Length { get; }

    /// <summary>How many windows the text has. One pass over the text makes a sample of each.</summary>
    long WindowCount { get; }

    /// <summary>The samples of some windows, in their order. The caller disposes the batch.</summary>
    Batch Make(IReadOnlyList<WindowVisit> visits);
}
