using Gemini.Silo.Lab.Cluster;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>Ports for the clusters of this test process, below those that its demos and drills take.</summary>
internal static class TestPorts
{
    private static readonly FreePorts s_free = new(Environment.ProcessId, first: 10000, count: 5000);

    public static int Next()
    {
        lock (s_free) return s_free.Next();
    }
}
