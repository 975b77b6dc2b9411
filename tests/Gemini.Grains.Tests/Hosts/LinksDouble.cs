using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>Links that send nothing. They write every order to the journal.</summary>
internal sealed class LinksDouble(List<string> journal) : IReplicaLinks
{
    /// <summary>Every link that was opened, in order.</summary>
    public List<Link> Opened { get; } = [];

    public IReplicaLink Open(Rank owner, HostName holder, Func<string> endpoint)
    {
        var link = new Link(owner, holder, endpoint, journal);
        Opened.Add(link);
        return link;
    }

    public ImmutableArray<PathReport> Paths { get; private set; } = [];

    public TrafficReport? Traffic { get; init; }

    public Task MeasureAsync(HostName holder, string endpoint, CancellationToken ct)
    {
        journal.Add($"path to {holder} at {endpoint} is measured");
        Paths = Paths.Add(new PathReport(holder, BytesPerSecond: 1000, Inflation: 1, IsClassed: true));
        return Task.CompletedTask;
    }

    internal sealed class Link(Rank owner, HostName holder, Func<string> endpoint, List<string> journal) : IReplicaLink
    {
        public event Action? ProblemChanged;

        public ReplicationProblem? Problem { get; private set; }

        public string Endpoint => endpoint();

        public void Fail(string reason)
        {
            Problem = new ReplicationProblem(owner, holder, reason, 1);
            ProblemChanged?.Invoke();
        }

        public void Offer(SnapshotId snapshot, Epoch epoch, Iteration keep) => Say($"gets {snapshot} in epoch {epoch} and keeps {keep}");

        public void Withdraw(SnapshotId snapshot) => Say($"no longer gets {snapshot}");

        public void Reset(Epoch epoch) => Say($"begins epoch {epoch}");

        public ValueTask DisposeAsync()
        {
            Say("ends");
            return ValueTask.CompletedTask;
        }

        private void Say(string what) => journal.Add($"link {owner} to {holder} {what}");
    }
}
