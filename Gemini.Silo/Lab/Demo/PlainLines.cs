using System.Globalization;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Lab.Demo;

/// <summary>The display without a terminal: one line per event, and one per milestone.</summary>
internal sealed class PlainLines(TextWriter output, long iterations, TimeProvider clock) : IDemoDisplay
{
    /// <summary>About this many lines of progress in a run.</summary>
    private const int Milestones = 20;

    private readonly StatusNarrator _narrator = new();
    private readonly Lock _lock = new();
    private readonly long _start = clock.GetTimestamp();
    private long _shown;

    public void Say(string line)
    {
        var seconds = clock.GetElapsedTime(_start).TotalSeconds;
        lock (_lock) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{seconds,7:0.00} s] {line}"));
    }

    public void Show(JobStatus status)
    {
        foreach (var line in _narrator.Observe(status)) Say(line);
        if (Milestone(status.Trained.Value) <= Milestone(_shown)) return;
        _shown = status.Trained.Value;
        Say(StatusNarrator.Milestone(status, iterations));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private long Milestone(long iteration) => iteration / Math.Max(1, iterations / Milestones);
}
