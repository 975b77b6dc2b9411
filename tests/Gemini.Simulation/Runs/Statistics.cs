using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Runs;

/// <summary>What happened in one run, or in many.</summary>
internal sealed class Statistics
{
    public SortedDictionary<FaultKind, long> Faults { get; } = [];

    /// <summary>Recoveries that reached their first new iteration, by kind of failure and by the furthest source of any rank.</summary>
    public SortedDictionary<string, long> Recoveries { get; } = [];

    /// <summary>How runs ended.</summary>
    public SortedDictionary<string, long> Ends { get; } = [];

    /// <summary>All other counts.</summary>
    public SortedDictionary<string, long> Counts { get; } = [];

    public void Fault(FaultKind kind) => Add(Faults, kind);

    public void Recovered(RecoveryTimeline timeline) => Add(Recoveries, $"{timeline.Kind}, from {timeline.Source}");

    public void Ended(string how) => Add(Ends, how);

    public void RootCameUp() => Count("root agents that came up");

    public void Overtaken() => Count("root agents that were overtaken");

    public void Suicide() => Count("silos that ended themselves");

    public void Persisted() => Count("snapshots persisted");

    public void Count(string what, long by = 1) => Add(Counts, what, by);

    /// <summary>Adds the counts of another run. Not thread safe.</summary>
    public void Add(Statistics other)
    {
        foreach (var (kind, count) in other.Faults) Add(Faults, kind, count);
        foreach (var (what, count) in other.Recoveries) Add(Recoveries, what, count);
        foreach (var (how, count) in other.Ends) Add(Ends, how, count);
        foreach (var (what, count) in other.Counts) Add(Counts, what, count);
    }

    public override string ToString() => string.Join(
        Environment.NewLine, Section("faults", Faults), Section("recoveries", Recoveries), Section("ends", Ends), Section("counts", Counts));

    private static string Section<T>(string name, SortedDictionary<T, long> counts)
        where T : notnull => $"{name}: {string.Join("; ", counts.Select(count => $"{count.Key} {count.Value}"))}";

    private static void Add<T>(SortedDictionary<T, long> counts, T key, long by = 1)
        where T : notnull => counts[key] = counts.GetValueOrDefault(key) + by;
}
