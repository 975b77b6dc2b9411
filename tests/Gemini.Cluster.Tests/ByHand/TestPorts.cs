using Gemini.Silo.Lab.Cluster;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>Ports for the clusters of this test process, below those that its demos and drills take. Its tests run one at a time.</summary>
internal static class TestPorts
{
    public static FreePorts Free { get; } = new(Environment.ProcessId, first: 10000, count: 5000);
}
