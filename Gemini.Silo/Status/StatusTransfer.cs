namespace Gemini.Silo.Status;

/// <summary>What a host has sent to other hosts' memory and received from it since its silo started.</summary>
internal sealed record StatusTransfer
{
    public required long SentBytes { get; init; }

    public required long ReceivedBytes { get; init; }

    public required long CopiesReceived { get; init; }

    /// <summary>Chunks and copies that arrived with another hash than announced.</summary>
    public required long HashMismatches { get; init; }

    /// <summary>Connections that did not prove the job's secret.</summary>
    public required long RefusedPeers { get; init; }

    public required long MalformedFrames { get; init; }
}
