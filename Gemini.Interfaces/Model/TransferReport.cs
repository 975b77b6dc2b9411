namespace Gemini.Interfaces.Model;

/// <summary>What one silo process has sent and received between host memories so far. All numbers only grow.</summary>
/// <param name="SentBytes">Payload bytes sent to peers.</param>
/// <param name="ReceivedBytes">Payload bytes received from peers whose hashes were right.</param>
/// <param name="CopiesReceived">Copies received to their end.</param>
/// <param name="HashMismatches">Chunks and copies that arrived with another hash than the sender had announced. They were not used.</param>
/// <param name="RefusedPeers">Connections at the data port that did not prove the job's secret.</param>
/// <param name="MalformedFrames">Frames of proven peers that do not follow the protocol.</param>
[GenerateSerializer, Immutable, Alias("gemini.TransferReport")]
public sealed record TransferReport(
    long SentBytes = 0, long ReceivedBytes = 0, long CopiesReceived = 0, long HashMismatches = 0, long RefusedPeers = 0, long MalformedFrames = 0);
