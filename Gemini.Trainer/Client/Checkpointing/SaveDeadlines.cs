using Gemini.Interfaces;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// How long a session waits for a capture, and for the commit of its last save: computed from the size of the shard and from the rates of earlier ones.
/// Lives as long as the session.
/// </summary>
internal sealed class SaveDeadlines(GeminiOptions options)
{
    private readonly MeasuredRate _captures = new();
    private readonly MeasuredRate _commits = new();

    public TimeSpan OfCapture(long bytes) => Of(bytes, _captures, options.CaptureWait, options.CaptureWaitMaximum);

    public TimeSpan OfCommit(long bytes) => Of(bytes, _commits, options.CompletionWait, options.CompletionWaitMaximum);

    /// <summary>A capture was sealed.</summary>
    /// <param name="bytes">Of the shard.</param>
    /// <param name="begunAt">When the capture was asked for: a time stamp of the options' clock.</param>
    public void Captured(long bytes, long begunAt) => _captures.Add(bytes, options.TimeProvider.GetElapsedTime(begunAt));

    /// <summary>A save was committed. The same parameters.</summary>
    public void Committed(long bytes, long begunAt) => _commits.Add(bytes, options.TimeProvider.GetElapsedTime(begunAt));

    private static TimeSpan Of(long bytes, MeasuredRate rate, TimeSpan floor, TimeSpan ceiling) =>
        Deadline.Of(bytes, Deadline.LeastRate(rate.BytesPerSecond, Deadline.AssumedBytesPerSecond), floor, ceiling);
}
