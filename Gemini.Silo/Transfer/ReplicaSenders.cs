using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Transfer;

/// <summary>Makes the senders, one for each own shard and holder, and measures the paths to the holders.</summary>
internal sealed partial class ReplicaSenders(
    HostName self, HostMemory memory, DataConnector connector, ProbeTurn turn, TrafficGate gate, ILogger<ReplicaSender> logger) : IReplicaLinks
{
    private readonly ILogger _logger = logger;

    public ImmutableArray<PathReport> Paths => gate.Paths.Reports;

    public TrafficReport? Traffic => gate.Report();

    public IReplicaLink Open(Rank owner, HostName holder, Func<string> endpoint) =>
        new ReplicaSender(memory, owner, holder, endpoint, connector, gate, logger);

    public async Task MeasureAsync(HostName holder, string endpoint, CancellationToken ct)
    {
        if (!gate.IsInUse || gate.Paths.IsKnown(holder)) return;
        var (path, problem) = await new PathProbe(connector, turn).MeasureAsync(endpoint, isOwnTurnFirst: self.CompareTo(holder) < 0, ct);
        if (path is null)
        {
            LogUnmeasured(holder, problem);
            return;
        }

        gate.Paths.Set(holder, path);
        LogMeasured(holder, path.Describe());
    }

    [LoggerMessage(EventIds.PathMeasured, LogLevel.Information, "Path to {Holder}: {Path}.")]
    private partial void LogMeasured(HostName holder, string path);

    [LoggerMessage(EventIds.PathUnmeasured, LogLevel.Warning, "The path to {Holder} could not be measured ({Reason}). Replicas to it wait for idle spans.")]
    private partial void LogUnmeasured(HostName holder, string reason);
}
