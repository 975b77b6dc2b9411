namespace Gemini.Benchmarks.Networks;

/// <summary>Where the network's bottleneck is, and whether it has a lower class for background traffic.</summary>
internal enum Topology
{
    /// <summary>No bottleneck.</summary>
    Open,

    /// <summary>Each host's egress, one queue for everything.</summary>
    Fifo,

    /// <summary>Each host's egress, with the three strict bands of <c>pfifo_fast</c>: it looks at the socket's priority.</summary>
    Bands,

    /// <summary>The switch's port to each host, with a lower class for DSCP LE (RFC 8622).</summary>
    Switch,
}
