using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>Copies from other hosts. A test gives each data port its answers; a port without answers gives every copy.</summary>
internal sealed class CopiesDouble(MemoryDouble memory) : ICopySource
{
    private readonly Dictionary<string, Queue<FetchResult>> _answers = [];

    /// <summary>Every question, in order.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>While this is not completed, no fetch ends.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>The port gives these answers, and then the last one again and again.</summary>
    public void Set(string endpoint, params FetchResult[] answers) => _answers[endpoint] = new Queue<FetchResult>(answers);

    public async Task<FetchOutcome> FetchAsync(
        string endpoint, Rank owner, SnapshotId snapshot, ContentHash expected, Epoch epoch, CancellationToken ct)
    {
        Asked.Add($"{endpoint} for {owner} of {snapshot} in epoch {epoch}");
        await Gate.WaitAsync(ct);
        var result = FetchResult.Completed;
        if (_answers.TryGetValue(endpoint, out var answers)) result = answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        if (result != FetchResult.Completed) return new FetchOutcome(result, 0, TimeSpan.Zero, $"says {result}");
        if (memory.Copies.Exists(copy => copy.Owner == owner && copy.Snapshot == snapshot)) return new FetchOutcome(result, 0, TimeSpan.Zero, "");
        memory.Seal(new Replica(owner, snapshot, expected, 1000));
        return new FetchOutcome(result, 1000, TimeSpan.FromMilliseconds(5), "");
    }
}
